"""Metrics: the dashboard and the alerts use only metrics that the relabelling rules produce."""

import json
import re
from pathlib import Path

import pytest
import yaml

from certbeam.transforms.latencies import LATENCY_NAMESPACE
from certbeam.transforms.stage import NAMESPACE

DEPLOY = Path(__file__).parents[2] / "deploy"
PROMETHEUS = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text())
ALERTS = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yml").read_text())["groups"][0]["rules"]
DASHBOARD = json.loads((DEPLOY / "grafana" / "certbeam.json").read_text())
SCOPE = "flink_taskmanager_job_task_operator_"


def relabelled(name: str) -> dict[str, str]:
    """Return the labels of a metric after the relabelling of Prometheus."""
    labels = {"__name__": name}
    for rule in PROMETHEUS["scrape_configs"][0]["metric_relabel_configs"]:
        found = re.fullmatch(rule["regex"], labels.get(rule["source_labels"][0], ""))
        if found:
            labels[rule["target_label"]] = found.expand(re.sub(r"\$\{?(\d)\}?", r"\\\1", rule["replacement"]))
    return labels


def used_metrics() -> set[str]:
    """Return the names of all metrics in the expressions of the dashboard and the alerts."""
    expressions = [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]
    expressions += [rule["expr"] for rule in ALERTS]
    return {name for one in expressions for name in re.findall(r"(?:certbeam|flink)_\w+", one)}


@pytest.mark.parametrize(
    ("name", "labels"),
    [
        (f"{NAMESPACE}_ParseEvents_events:read", {"__name__": "certbeam_events"}),
        (
            f"{NAMESPACE}_RecordEnrolment_outcome:issued",
            {"__name__": "certbeam_outcomes", "outcome": "issued", "stage": "RecordEnrolment"},
        ),
        (
            f"{NAMESPACE}_IssueEnrich_not_eligible:inactive",
            {"__name__": "certbeam_not_eligible", "reason": "inactive", "stage": "IssueEnrich"},
        ),
        (
            f"{NAMESPACE}_IssueEnrich_dead_letter:batch_missing",
            {"__name__": "certbeam_dead_letters", "code": "batch_missing", "stage": "IssueEnrich"},
        ),
        (
            f"{NAMESPACE}_ParseEvents_large_letter:not_stored",
            {"__name__": "certbeam_large_letters", "kind": "not_stored", "stage": "ParseEvents"},
        ),
        (
            f"{NAMESPACE}_GenerateCert_template_cache:hits",
            {"__name__": "certbeam_template_cache", "result": "hits"},
        ),
        (
            f"{LATENCY_NAMESPACE}_GenerateCert:5",
            {"__name__": "certbeam_latency_milliseconds_bucket", "stage": "GenerateCert", "le": "5"},
        ),
        (
            f"{LATENCY_NAMESPACE}_GenerateCert:Inf",
            {"__name__": "certbeam_latency_milliseconds_bucket", "stage": "GenerateCert", "le": "+Inf"},
        ),
        ("source_splits_0_backlog_elements", {"__name__": "certbeam_consumer_lag"}),
    ],
)
def test_counters_become_metrics_with_labels(name: str, labels: dict[str, str]):
    assert relabelled(SCOPE + name) == labels


def test_the_dashboard_and_the_alerts_use_metrics_that_exist():
    rules = PROMETHEUS["scrape_configs"][0]["metric_relabel_configs"]
    made = {rule["replacement"] for rule in rules if rule["target_label"] == "__name__"}
    made |= {"certbeam_template_cache", "certbeam_image_cache"}
    names = {name for name in used_metrics() if name.startswith("certbeam")}
    assert names <= made
    assert len(names) > 5


def test_the_runbook_explains_every_alert():
    runbook = (DEPLOY.parent / "docs" / "runbook.md").read_text()
    assert [rule["alert"] for rule in ALERTS if rule["alert"] not in runbook] == []
