"""The manifests in deploy/: each resource against its published schema, and the parts against one another."""

import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import jsonschema
import kubernetes_validate
import pytest
import yaml

from certbeam.deploy.services.java import class_path
from certbeam.pipelines import flink
from certbeam.pipelines.commands.workers import workers
from certbeam.pipelines.flags import complete
from certbeam.pipelines.settings import job_settings

DEPLOY = Path(__file__).parents[2] / "deploy"
KUBERNETES = "1.31"
RESOURCES = list(yaml.safe_load_all((DEPLOY / "kubernetes" / "certbeam.yaml").read_text()))


def resource(kind: str) -> dict[str, Any]:
    return next(one for one in RESOURCES if one["kind"] == kind)


def containers(pod: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {one["name"]: one for one in pod["spec"]["containers"]}


@pytest.fixture(scope="module")
def operator_schema() -> dict[str, Any]:
    """The schema of FlinkDeployment, out of the operator's own jar."""
    jar = next(one for one in class_path("operator").split(":") if "operator-api" in one)
    with zipfile.ZipFile(jar) as archive:
        text = archive.read("META-INF/fabric8/flinkdeployments.flink.apache.org-v1.yml")
    return yaml.load(text, yaml.CSafeLoader)["spec"]["versions"][0]["schema"]["openAPIV3Schema"]


@pytest.mark.parametrize("kind", ["ConfigMap", "Job"])
def test_kubernetes_resources_are_as_their_schema_says(kind: str):
    kubernetes_validate.validate(resource(kind), KUBERNETES, strict=True)


def test_the_flink_deployment_is_as_the_operators_schema_says(operator_schema: dict[str, Any]):
    deployment = resource("FlinkDeployment")
    jsonschema.validate({"spec": deployment["spec"]}, operator_schema)
    known = operator_schema["properties"]["spec"]["properties"]
    assert deployment["spec"].keys() <= known.keys()


@pytest.mark.parametrize("path", [(), ("jobManager",), ("taskManager",)])
def test_pod_templates_are_pods(path: tuple[str, ...]):
    part = resource("FlinkDeployment")["spec"]
    for name in path:
        part = part[name]
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "pod"}, **part["podTemplate"]}
    kubernetes_validate.validate(pod, KUBERNETES, strict=True)


def test_both_pools_stand_where_certbeam_looks_for_them():
    pod = containers(resource("FlinkDeployment")["spec"]["taskManager"]["podTemplate"])
    ports = {name: pod[name]["readinessProbe"]["tcpSocket"]["port"] for name in pod if "workers" in name}
    assert ports == {
        "python-workers": int(flink.PYTHON_WORKERS.rpartition(":")[2]),
        "java-workers": int(flink.JAVA_WORKERS.rpartition(":")[2]),
    }
    for name, port in ports.items():
        program, *arguments = pod[name]["command"]
        assert (program, f"--port={port}" in arguments) == ("certbeam", True)
        known = {option for one in workers.params for option in one.opts}
        assert {argument.partition("=")[0] for argument in arguments[1:]} <= known
    for container in (pod["python-workers"], pod["java-workers"]):
        assert container.keys() >= {"livenessProbe", "readinessProbe", "resources"}


def test_nobody_is_root():
    pods = [resource("FlinkDeployment")["spec"]["podTemplate"], resource("Job")["spec"]["template"]]
    assert all(pod["spec"]["securityContext"]["runAsNonRoot"] for pod in pods)
    users = [line for line in (DEPLOY / "Dockerfile").read_text().splitlines() if line.startswith("USER")]
    assert users[-1] == "USER 9999"


def test_the_config_map_is_read_as_flags_and_holds_no_secret(monkeypatch: pytest.MonkeyPatch):
    text = resource("ConfigMap")["data"]["certbeam.yaml"]
    config = yaml.safe_load(text)
    del config["keys"]  # a file of the Secret, which is not here
    settings = job_settings("issue", complete("issue", {}, config))
    assert settings.streaming
    assert "password=" not in text


def test_the_dockerfile_is_as_hadolint_wants_it():
    hadolint = Path(sys.executable).with_name("hadolint")
    done = subprocess.run([hadolint, DEPLOY / "Dockerfile"], check=False, capture_output=True, text=True)  # noqa: S603
    assert done.stdout == ""
    assert done.returncode == 0


def test_what_the_image_copies_is_there():
    for line in (DEPLOY / "Dockerfile").read_text().splitlines():
        if line.startswith("COPY") and "--from" not in line:
            for source in line.split()[1:-1]:
                assert (DEPLOY.parent / source).exists(), source


@pytest.mark.parametrize("file", ["compose.yaml", "compose-flink.yaml"])
def test_compose_mounts_what_is_there(file: str):
    services = yaml.safe_load((DEPLOY / file).read_text())["services"]
    for service in services.values():
        for volume in service.get("volumes", ()):
            source = volume.partition(":")[0]
            assert not source.startswith(".") or (DEPLOY / source).exists(), source
        network = service.get("network_mode", "service:").removeprefix("service:")
        assert not network or network in services


@pytest.mark.parametrize("file", ["compose.yaml", "compose-flink.yaml"])
def test_compose_files_keep_to_the_compose_specification(file: str):
    """By the specification's own schema, which the checker carries."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    checked = subprocess.run([*command, DEPLOY / file], capture_output=True, text=True, check=False)  # noqa: S603
    assert checked.returncode == 0, checked.stdout


def test_the_jars_are_made_without_any_library(tmp_path: Path):
    """As the image's build does, with a Python that has nothing installed."""
    command = ["/usr/bin/env", "-i", "PATH=/usr/local/bin:/usr/bin:/bin", "python3", "-I", "-S", "-c"]
    script = f"import sys; sys.path.insert(0, {str(DEPLOY)!r}); import services.jars"
    subprocess.run([*command, script], check=True)  # noqa: S603
