"""The manifests in deploy/: each resource against its published schema, and the parts against one another."""

import re
import stat
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import click
import jsonschema
import kubernetes_validate
import pytest
import yaml
from apache_beam.options.pipeline_options import FlinkRunnerOptions

from certbeam import __version__
from certbeam.deploy.services.java import class_path, loopback_agent
from certbeam.io.keys.jwk_file import is_open_to_others
from certbeam.pipelines.cli.main import main
from certbeam.pipelines.cli.workers import workers
from certbeam.pipelines.config.flags import complete
from certbeam.pipelines.config.job_settings import job_settings
from certbeam.pipelines.runners import flink
from certbeam.pipelines.runners.beam_options import beam_options
from certbeam.pipelines.runners.probe import _SECONDS
from certbeam.tests.documented import commands
from certbeam.tests.support import present

DEPLOY = Path(__file__).parents[2] / "deploy"
KUBERNETES = "1.31"
KUBERNETES_FILE = DEPLOY / "kubernetes" / "certbeam.yaml"
RESOURCES = list(yaml.safe_load_all(KUBERNETES_FILE.read_text()))
PODS = ["Job", "Deployment"]
DOCKERFILES = ["Dockerfile", "Dockerfile.dataflow"]
PROBE = ["python", "-m", "certbeam.pipelines.runners.probe"]


def resource(kind: str) -> dict[str, Any]:
    return next(one for one in RESOURCES if one["kind"] == kind)


def policies() -> dict[str, dict[str, Any]]:
    """Return the specifications of the network policies by name."""
    return {one["metadata"]["name"]: one["spec"] for one in RESOURCES if one["kind"] == "NetworkPolicy"}


def containers(pod: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {one["name"]: one for one in pod["spec"]["containers"]}


@pytest.fixture(scope="module")
def operator_schema() -> dict[str, Any]:
    """The schema of FlinkDeployment from the jar of the operator."""
    jar = next(one for one in class_path("operator").split(":") if "operator-api" in one)
    with zipfile.ZipFile(jar) as archive:
        text = archive.read("META-INF/fabric8/flinkdeployments.flink.apache.org-v1.yml")
    return yaml.load(text, yaml.CSafeLoader)["spec"]["versions"][0]["schema"]["openAPIV3Schema"]


@pytest.mark.parametrize("kind", ["ConfigMap", "Job", "Deployment", "NetworkPolicy"])
def test_kubernetes_resources_match_their_schema(kind: str):
    for one in RESOURCES:
        if one["kind"] == kind:
            kubernetes_validate.validate(one, KUBERNETES, strict=True)


@pytest.mark.slow  # the operator's schema comes from Maven
def test_the_flink_deployment_matches_the_schema_of_the_operator(operator_schema: dict[str, Any]):
    deployment = resource("FlinkDeployment")
    jsonschema.validate({"spec": deployment["spec"]}, operator_schema)
    known = operator_schema["properties"]["spec"]["properties"]
    assert deployment["spec"].keys() <= known.keys()


@pytest.mark.parametrize("path", [(), ("jobManager",), ("taskManager",)])
def test_pod_templates_match_the_schema_of_pods(path: tuple[str, ...]):
    part = resource("FlinkDeployment")["spec"]
    for name in path:
        part = part[name]
    pod = {"apiVersion": "v1", "kind": "Pod", **part["podTemplate"]}
    pod["metadata"] = {"name": "pod", **pod.get("metadata", {})}
    kubernetes_validate.validate(pod, KUBERNETES, strict=True)


def test_both_pools_listen_on_the_ports_that_certbeam_expects():
    pod = containers(resource("FlinkDeployment")["spec"]["taskManager"]["podTemplate"])
    ports = {name: probed(pod[name], "readinessProbe") for name in pod if "workers" in name}
    assert ports == {
        "python-workers": int(flink.PYTHON_WORKERS.rpartition(":")[2]),
        "java-workers": int(flink.JAVA_WORKERS.rpartition(":")[2]),
    }
    for name, port in ports.items():
        program, *arguments = pod[name]["command"]
        assert (program, f"--port={port}" in arguments) == ("certbeam", True)
        known = {option for one in workers.params for option in one.opts}
        assert {argument.partition("=")[0] for argument in arguments[1:]} <= known
    for name in ports:
        assert pod[name].keys() >= {"livenessProbe", "readinessProbe", "resources"}
        assert probed(pod[name], "livenessProbe") == ports[name]


def probed(container: dict[str, Any], probe: str) -> int:
    """Return the port that a command in the container probes. A probe from outside cannot reach loopback."""
    assert container[probe].keys() & {"exec", "tcpSocket", "httpGet", "grpc"} == {"exec"}
    *command, port = container[probe]["exec"]["command"]
    assert command == PROBE
    assert container[probe]["timeoutSeconds"] > _SECONDS
    return int(port)


def test_compose_probes_the_pools_where_they_listen():
    services = yaml.safe_load((DEPLOY / "compose-flink.yaml").read_text())["services"]
    for name in ("python-workers", "java-workers"):
        first, *command, port = services[name]["healthcheck"]["test"]
        assert (first, command) == ("CMD", PROBE)
        assert f"--port={port}" in services[name]["command"]
        assert services[name]["network_mode"] == "service:taskmanager"


@pytest.mark.parametrize("file", ["compose.yaml", "compose-flink.yaml"])
def test_compose_publishes_ports_on_loopback_only(file: str):
    services = yaml.safe_load((DEPLOY / file).read_text())["services"]
    published = [port for service in services.values() for port in service.get("ports", ())]
    assert published
    assert all(re.fullmatch(r"127\.0\.0\.1:\d+:\d+", port) for port in published)
    assert not [name for name, service in services.items() if service.get("network_mode") == "host"]


def pod_labels() -> dict[str, dict[str, str]]:
    """Return the labels of all pods by kind. Flink adds two labels to its own pods."""
    template = resource("FlinkDeployment")["spec"]["podTemplate"]["metadata"]["labels"]
    name = resource("FlinkDeployment")["metadata"]["name"]
    flink = {part: {**template, "app": name, "component": part} for part in ("jobmanager", "taskmanager")}
    return flink | {kind: resource(kind)["spec"]["template"]["metadata"]["labels"] for kind in PODS}


def matches(selector: dict[str, Any], labels: dict[str, str]) -> bool:
    assert selector.keys() <= {"matchLabels", "matchExpressions"}
    expressions = selector.get("matchExpressions", ())
    assert all(one["operator"] == "In" for one in expressions)
    return all(labels.get(key) == value for key, value in selector.get("matchLabels", {}).items()) and all(
        labels.get(one["key"]) in one["values"] for one in expressions
    )


def allowed(to: str) -> dict[int, set[str]]:
    """Return the pods that may connect to each port of a pod; pods of other namespaces by the value of their label."""
    found: dict[int, set[str]] = {}
    for policy in policies().values():
        if matches(policy["podSelector"], pod_labels()[to]):
            for rule in policy.get("ingress", ()):
                for port in rule["ports"]:
                    found.setdefault(port["port"], set()).update(
                        name for peer in rule["from"] for name in senders(peer)
                    )
    return found


def senders(peer: dict[str, Any]) -> set[str]:
    if "namespaceSelector" in peer:
        return set(peer["podSelector"]["matchLabels"].values())
    return {name for name, labels in pod_labels().items() if matches(peer["podSelector"], labels)}


def test_only_the_listed_pods_may_connect_to_a_pod():
    for name, labels in pod_labels().items():
        closed = [one for one in policies().values() if matches(one["podSelector"], labels)]
        assert any("Ingress" in one["policyTypes"] for one in closed), name
    assert allowed("jobmanager") == {
        6123: {"taskmanager"},
        6124: {"taskmanager"},
        8081: {"Job", "Deployment", "flink-kubernetes-operator"},
        9249: {"prometheus"},
    }
    assert allowed("taskmanager") == {
        6121: {"taskmanager"},
        6122: {"jobmanager"},
        6125: {"jobmanager"},
        9249: {"prometheus"},
    }
    assert allowed("Job") == allowed("Deployment") == {}


def test_the_ports_of_the_policies_are_those_of_flink():
    settings = resource("FlinkDeployment")["spec"]["flinkConfiguration"]
    names = {
        "taskmanager.data.port": 6121,
        "taskmanager.rpc.port": 6122,
        "jobmanager.rpc.port": 6123,
        "blob.server.port": 6124,
        "metrics.internal.query-service.port": 6125,
        "metrics.reporter.prom.port": 9249,
    }
    assert {name: int(settings[name]) for name in names} == names


def test_pods_may_connect_to_all_services_of_the_configuration():
    """The ports of the pools are not included: policies do not apply to loopback."""
    rules = policies()["certbeam"]["egress"]
    anywhere = {port["port"] for rule in rules if "to" not in rule for port in rule["ports"]}
    services = re.findall(r"(?:kafka|cassandra)://[\w.-]+:(\d+)", str(job_config()))
    assert {int(port) for port in services} | {443} <= anywhere
    (within,) = (rule for rule in rules if matches_own_pods(rule))
    ranges = [(port["port"], port.get("endPort", port["port"])) for port in within["ports"]]
    needed = {
        port for to in pod_labels() for port, names in allowed(to).items() if names & pod_labels().keys()
    }
    assert all(any(low <= port <= high for low, high in ranges) for port in needed)


def matches_own_pods(rule: dict[str, Any]) -> bool:
    peers = [peer for peer in rule.get("to", ()) if peer.keys() == {"podSelector"}]
    return any(matches(peer["podSelector"], labels) for peer in peers for labels in pod_labels().values())


def test_beams_servers_in_task_managers_are_bound_to_loopback():
    (jars,) = re.findall(r"CERTBEAM_JARS=(\S+)", (DEPLOY / "Dockerfile").read_text())
    agent = f"-javaagent:{jars}/{loopback_agent().name}"
    compose = yaml.safe_load((DEPLOY / "compose-flink.yaml").read_text())["services"]
    properties = yaml.safe_load(compose["taskmanager"]["environment"]["FLINK_PROPERTIES"])
    for settings in (properties, resource("FlinkDeployment")["spec"]["flinkConfiguration"]):
        assert settings["env.java.opts.taskmanager"] == agent


def test_no_container_runs_as_root():
    pods = [
        resource("FlinkDeployment")["spec"]["podTemplate"],
        *(resource(kind)["spec"]["template"] for kind in PODS),
    ]
    assert all(pod["spec"]["securityContext"]["runAsNonRoot"] for pod in pods)
    users = [line for line in (DEPLOY / "Dockerfile").read_text().splitlines() if line.startswith("USER")]
    assert users[-1] == "USER 9999"


def test_the_config_map_has_valid_flags_and_no_secret():
    config = job_config()
    del config["keys"]  # a file of the Secret, which is not here
    settings = job_settings("issue", complete("issue", {}, config))
    assert settings.streaming
    assert "password=" not in resource("ConfigMap")["data"]["certbeam.yaml"]


def job_config() -> dict[str, str]:
    config: dict[str, str] = yaml.safe_load(resource("ConfigMap")["data"]["certbeam.yaml"])
    return config


def parse_flags(name: str, arguments: list[str]) -> click.Context:
    """Parse a command's arguments without running it."""
    return present(main.get_command(click.Context(main), name)).make_context(name, arguments)


def test_the_job_is_submitted_to_the_cluster_with_valid_flags():
    (job,) = containers(resource("Job")["spec"]["template"]).values()
    assert job["command"][:2] == ["certbeam", "issue"]
    context = parse_flags("issue", [*job["command"][2:], *job["args"]])
    assert context.params["config"] == mounts(job)["config"]
    beam = beam_options(context.params["beam_arguments"], known=[]).view_as(FlinkRunnerOptions)
    rest = resource("FlinkDeployment")["metadata"]["name"] + "-rest"  # as Flink calls its service
    assert (beam.flink_master, beam.parallelism) == (f"{rest}:8081", 4)
    (first,) = resource("Job")["spec"]["template"]["spec"]["initContainers"]
    assert f"http://{rest}:8081/" in first["command"][-1]


@pytest.mark.parametrize("kind", PODS)
def test_configuration_and_secrets_are_mounted_in_the_pods(kind: str):
    template = resource(kind)["spec"]["template"]
    assert mounted_files(template) >= {"/etc/certbeam/certbeam.yaml", *secret_files()}


def test_the_secrets_are_mounted_in_the_worker_pool():
    pod = resource("FlinkDeployment")["spec"]["taskManager"]["podTemplate"]
    assert mounted_files(pod, "python-workers") >= secret_files()


def secret_files() -> set[str]:
    """Return the files that the flags name; the Secret is created from them."""
    named = re.findall(r"/etc/certbeam/secrets/[\w.-]+", str(job_config()))
    made = next(command for command in commands(KUBERNETES_FILE) if "create secret" in command)
    assert set(re.findall(r"--from-file=(\S+)", made)) == {Path(file).name for file in named}
    return set(named)


def mounts(container: dict[str, Any]) -> dict[str, str]:
    """Return the mount path of each volume of a container."""
    return {one["name"]: one["mountPath"] for one in container["volumeMounts"]}


def mounted_files(pod: dict[str, Any], name: str = "certbeam") -> set[str]:
    """Return the mounted files of the configuration and the Secret. Assert that the container may read them."""
    places = mounts(containers(pod)[name])
    secret = next(one["secret"] for one in pod["spec"]["volumes"] if "secret" in one)
    assert not is_open_to_others(secret["defaultMode"], owner=0, reader=9999)
    assert secret["defaultMode"] & stat.S_IRGRP, "the volume is root's, and its group is the pod's"
    files = {f"{places['secrets']}/{Path(file).name}" for file in ("keys.json", "cassandra-password")}
    return files | {place for volume, place in places.items() if volume == "config"}


def test_jars_and_plugins_named_in_the_manifests_are_in_the_image():
    dockerfile = (DEPLOY / "Dockerfile").read_text()
    (jars,) = re.findall(r"CERTBEAM_JARS=(\S+)", dockerfile)
    (base,) = set(re.findall(r"^FROM flink:([\d.]+)-", dockerfile, re.MULTILINE))
    assert base.startswith(f"{flink._FLINK_VERSION}.")
    compose = yaml.safe_load((DEPLOY / "compose-flink.yaml").read_text())["services"]
    pods = containers(resource("FlinkDeployment")["spec"]["taskManager"]["podTemplate"])
    for command in (compose["java-workers"]["command"], pods["java-workers"]["command"]):
        assert f"--java={jars}/expansion.jar" in command
    (plugin,) = containers(resource("FlinkDeployment")["spec"]["podTemplate"])["flink-main-container"]["env"]
    settings = resource("FlinkDeployment")["spec"]["flinkConfiguration"]
    assert {value.partition("://")[0] for value in settings.values() if "://" in value} == {"gs"}
    assert plugin == {"name": "ENABLE_BUILT_IN_PLUGINS", "value": f"flink-gs-fs-hadoop-{base}.jar"}


def test_dataflow_workers_have_the_pinned_version_of_beam():
    base = re.search(
        r"^FROM apache/beam_python3\.\d+_sdk:(\S+)", (DEPLOY / "Dockerfile.dataflow").read_text(), re.M
    )
    assert base
    assert f"apache-beam=={base[1]}" in (DEPLOY.parent / "requirements.txt").read_text().splitlines()


def test_all_manifests_name_the_image_of_this_version():
    images = re.findall(r"image: (certbeam\S+)", KUBERNETES_FILE.read_text())
    images += re.findall(r"image: (certbeam\S+)", (DEPLOY / "compose-flink.yaml").read_text())
    assert set(images) == {f"certbeam:{__version__}"}


def test_the_shell_has_the_name_and_folder_of_the_runbook():
    deployment = resource("Deployment")
    runbook = "\n".join(commands(DEPLOY.parent / "docs" / "runbook.md"))
    assert f"deploy/{deployment['metadata']['name']} " in runbook
    (shell,) = containers(deployment["spec"]["template"]).values()
    assert shell["workingDir"] == mounts(shell)["work"]


@pytest.mark.slow  # the operator's schema comes from Maven
def test_the_runbook_applies_the_cluster_without_the_job(operator_schema: dict[str, Any]):
    runbook = (DEPLOY.parent / "docs" / "runbook.md").read_text()
    ((label, value),) = re.findall(r"kubectl apply .* -l (\w+)=(\w+)", runbook)
    chosen = {one["kind"] for one in RESOURCES if one["metadata"]["labels"][label] == value}
    assert chosen == {"ConfigMap", "FlinkDeployment", "Deployment", "NetworkPolicy"}
    assert f"kubectl delete job {resource('Job')['metadata']['name']}" in runbook
    state = operator_schema["properties"]["status"]["properties"]["lifecycleState"]
    assert "STABLE" in state["enum"]


@pytest.mark.parametrize("file", DOCKERFILES)
def test_hadolint_finds_no_faults_in_the_dockerfiles(file: str):
    hadolint = Path(sys.executable).with_name("hadolint")
    done = subprocess.run([hadolint, DEPLOY / file], check=False, capture_output=True, text=True)  # noqa: S603
    assert done.stdout == ""
    assert done.returncode == 0


def copied() -> list[str]:
    """Return the files and folders of the repository that the images copy."""
    lines = [line for file in DOCKERFILES for line in (DEPLOY / file).read_text().splitlines()]
    taken = [line for line in lines if line.startswith("COPY") and "--from" not in line]
    return [source for line in taken for source in line.split()[1:-1]]


def test_the_files_that_the_image_copies_exist():
    for source in copied():
        assert (DEPLOY.parent / source).exists(), source


@pytest.mark.parametrize("file", DOCKERFILES)
def test_the_image_compiles_every_package_that_it_copies(file: str):
    text = (DEPLOY / file).read_text()
    (compiled,) = re.findall(r"compileall -q (.+)", text)
    packages = {source for source in copied() if (DEPLOY.parent / source / "__init__.py").exists()}
    packages -= {name for name in packages if name.startswith("deploy/")}
    assert set(compiled.split()) == {"__init__.py", *packages}


@pytest.mark.parametrize("file", ["compose.yaml", "compose-flink.yaml"])
def test_the_files_that_compose_mounts_exist(file: str):
    services = yaml.safe_load((DEPLOY / file).read_text())["services"]
    for service in services.values():
        for volume in service.get("volumes", ()):
            source = volume.partition(":")[0]
            assert not source.startswith(".") or (DEPLOY / source).exists(), source
        network = service.get("network_mode", "service:").removeprefix("service:")
        assert not network or network in services


def test_the_files_that_the_image_copies_are_in_the_build_context():
    kept = [
        line.removeprefix("!").partition("*")[0]
        for line in (DEPLOY.parent / ".dockerignore").read_text().splitlines()
        if line.startswith("!")
    ]
    for source in copied():
        assert source.startswith(tuple(kept)), source


def test_flink_properties_in_compose_have_no_blanks_in_values():
    """The start script removes all blanks from FLINK_PROPERTIES, also those within a value."""
    services = yaml.safe_load((DEPLOY / "compose-flink.yaml").read_text())["services"]
    properties = yaml.safe_load(services["jobmanager"]["environment"]["FLINK_PROPERTIES"])
    assert not [value for value in map(str, properties.values()) if " " in value]
    assert properties["state.checkpoints.dir"] == "file:///checkpoints"
    assert "checkpoints:/checkpoints" in services["taskmanager"]["volumes"]
    assert "install -d -o flink -g flink /checkpoints" in (DEPLOY / "Dockerfile").read_text()


def test_compose_submits_the_job_with_valid_flags():
    services = yaml.safe_load((DEPLOY / "compose-flink.yaml").read_text())["services"]
    line = next(one for one in commands(DEPLOY / "compose-flink.yaml") if " run " in one)
    service, pipeline, *arguments = line.partition(" run ")[2].split()
    assert services[service]["entrypoint"] == ["certbeam"]
    context = parse_flags(pipeline, arguments)
    assert context.params["config"].startswith(services[service]["volumes"][0].split(":")[-2])
    beam = beam_options(context.params["beam_arguments"], known=[]).view_as(FlinkRunnerOptions)
    assert beam.flink_master == "jobmanager:8081"


@pytest.mark.parametrize("file", ["compose.yaml", "compose-flink.yaml"])
def test_compose_files_match_the_compose_specification(file: str):
    """The schema of the specification comes with check_jsonschema."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    checked = subprocess.run([*command, DEPLOY / file], capture_output=True, text=True, check=False)  # noqa: S603
    assert checked.returncode == 0, checked.stdout


def test_the_jars_are_built_without_third_party_libraries(tmp_path: Path):
    """The build of the image uses a Python without installed packages."""
    command = ["/usr/bin/env", "-i", "PATH=/usr/local/bin:/usr/bin:/bin", "python3", "-I", "-S", "-c"]
    script = f"import sys; sys.path.insert(0, {str(DEPLOY)!r}); import services.jars"
    subprocess.run([*command, script], check=True)  # noqa: S603
