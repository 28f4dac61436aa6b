"""A Cassandra cluster of one or more nodes."""

import struct
from collections.abc import Sequence
from pathlib import Path

from cassandra import DriverException
from cassandra.auth import PlainTextAuthProvider
from cassandra.cluster import EXEC_PROFILE_DEFAULT, Cluster, ExecutionProfile, NoHostAvailable
from cassandra.policies import WhiteListRoundRobinPolicy

from .java import class_path
from .server import Server, Tls, ask, free_port

_TIMEOUT = 60.0  # seconds: a node that has just started on a busy machine answers late
_YAML = """\
cluster_name: certbeam
num_tokens: 1
# A new node has no data to take over, because clusters are empty.
auto_bootstrap: false
partitioner: org.apache.cassandra.dht.Murmur3Partitioner
endpoint_snitch: SimpleSnitch
listen_address: {host}
rpc_address: {host}
storage_port: {storage}
ssl_storage_port: {storage_tls}
native_transport_port: {port}
seed_provider:
  - class_name: org.apache.cassandra.locator.SimpleSeedProvider
    parameters: [{{seeds: "{seed}:{storage}"}}]
data_file_directories: [{folder}/data]
commitlog_directory: {folder}/commitlog
hints_directory: {folder}/hints
saved_caches_directory: {folder}/saved_caches
cdc_raw_directory: {folder}/cdc_raw
# A write is acknowledged when it is on the disk, so that kill -9 loses no acknowledged write.
commitlog_sync: batch
commitlog_segment_size: 4MiB
commitlog_total_space: 64MiB
memtable_heap_space: 64MiB
memtable_offheap_space: 64MiB
file_cache_size: 32MiB
key_cache_size: 4MiB
concurrent_reads: 4
concurrent_writes: 4
concurrent_compactors: 1
auto_snapshot: false
hinted_handoff_enabled: false
disk_failure_policy: die
commit_failure_policy: die
authenticator: {authenticator}
authorizer: {authorizer}
role_manager: CassandraRoleManager
"""

_TLS = """\
client_encryption_options:
  enabled: true
  optional: false
  require_client_auth: false
  keystore: {keystore}
  ssl_context_factory:
    class_name: org.apache.cassandra.security.PEMBasedSslContextFactory
"""

_LOGGING = """\
<configuration>
  <appender name="OUT" class="ch.qos.logback.core.ConsoleAppender">
    <encoder><pattern>%-5level [%thread] %date{ISO8601} %F:%L - %msg%n</pattern></encoder>
  </appender>
  <root level="INFO"><appender-ref ref="OUT"/></root>
</configuration>
"""

_JAVA_OPTIONS = Path(__file__).with_name("cassandra-java.options")

_DATACENTER = "datacenter1"
"""The datacenter of all nodes, according to SimpleSnitch."""

_SUPPORTED = 6
"""Opcode of the answer to an OPTIONS frame of the native protocol."""


class CassandraNode(Server):
    """A node at :attr:`uri`.

    Args:
        passwords: clients must log in. The first user is ``cassandra`` with the password ``cassandra``.
        tls: the server's files if clients must use TLS.
        joins: the first node of the cluster, which must run before this one starts; None if this is the first one.
        host: an address of this machine. Each node of a cluster has its own address, and all have the same ports.
    """

    def __init__(
        self,
        *,
        passwords: bool = False,
        tls: Tls | None = None,
        joins: "CassandraNode | None" = None,
        host: str = "127.0.0.1",
    ) -> None:
        super().__init__("cassandra")
        self.host = host
        self.port: int = joins.port if joins else free_port()
        self._joins = joins
        self._storage_ports: tuple[int, int] = joins._storage_ports if joins else (free_port(), free_port())
        self._passwords = passwords
        self._tls = tls
        storage, storage_tls = self._storage_ports
        settings = _YAML.format(
            folder=self.folder,
            host=host,
            seed=joins.host if joins else host,
            port=self.port,
            storage=storage,
            storage_tls=storage_tls,
            authenticator="PasswordAuthenticator" if passwords else "AllowAllAuthenticator",
            authorizer="CassandraAuthorizer" if passwords else "AllowAllAuthorizer",
        )
        if tls:
            settings += _TLS.format(keystore=tls.keystore)
        (self.folder / "cassandra.yaml").write_text(settings, encoding="utf-8")
        (self.folder / "logback.xml").write_text(_LOGGING, encoding="utf-8")
        (self.folder / "scratch").mkdir()

    @property
    def uri(self) -> str:
        """Return the address for certbeam's flags, without a keyspace."""
        return f"cassandra://{self.host}:{self.port}"

    def keyspace(self, name: str, copies: int = 1) -> str:
        """Create an empty keyspace with a number of copies of each row, and return its address."""
        with self._clients() as cluster:
            replication = f"{{'class': 'NetworkTopologyStrategy', '{_DATACENTER}': {copies}}}"
            cluster.connect().execute(
                f"CREATE KEYSPACE {name} WITH replication = {replication}", timeout=_TIMEOUT
            )
        return f"{self.uri}/{name}"

    def command(self) -> Sequence[str]:
        """See :class:`Server`."""
        jars = class_path("cassandra")
        agent = next(jar for jar in jars.split(":") if Path(jar).name.startswith("jamm-"))
        properties = {
            "jdk.attach.allowAttachSelf": "true",
            "io.netty.tryReflectionSetAccessible": "true",
            "java.net.preferIPv4Stack": "true",
            "java.io.tmpdir": f"{self.folder}/scratch",
            "jna.tmpdir": f"{self.folder}/scratch",
            "cassandra.config": f"file://{self.folder}/cassandra.yaml",
            "cassandra.storagedir": str(self.folder),
            "cassandra.logdir": str(self.folder),
            "logback.configurationFile": f"file://{self.folder}/logback.xml",
            "cassandra-foreground": "yes",
            # The only node has no other to wait for, and the nodes of a cluster start one after the other.
            "cassandra.skip_wait_for_gossip_to_settle": "0",
            "cassandra.ring_delay_ms": "0",
            "cassandra.superuser_setup_delay_ms": "0",
            "cassandra.shutdown_announce_in_ms": "0",
        }
        return (
            *("java", "-Xms128m", "-Xmx512m", "-Xss512k", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
            *("-XX:+ExitOnOutOfMemoryError", "-XX:-UsePerfData", f"-javaagent:{agent}"),
            f"@{_JAVA_OPTIONS}",
            *(f"-D{name}={value}" for name, value in properties.items()),
            *("-cp", jars, "org.apache.cassandra.service.CassandraDaemon"),
        )

    def answers(self) -> bool:
        """Return True if the node answers an OPTIONS frame (protocol 4), and the cluster has accepted it."""
        answer = ask(self.port, struct.pack(">BBhBi", 4, 0, 1, 5, 0), 9, self._tls, self.host)
        if len(answer) < 9 or answer[4] != _SUPPORTED:
            return False
        # Cassandra creates the first user some time after it has opened the port.
        first = self._joins or self
        return not (self._passwords or self._joins) or first._agrees_with(self)

    def _agrees_with(self, node: "CassandraNode") -> bool:
        """Return True if the first user can log in to this node, and a node has the same schema as this one."""
        try:
            with self._clients() as cluster:
                session = cluster.connect()
                own = session.execute("SELECT schema_version FROM system.local").one().schema_version
                peers = session.execute("SELECT peer, schema_version FROM system.peers").all()
        except (NoHostAvailable, DriverException):
            return False
        return node is self or (node.host, own) in peers

    def _clients(self) -> Cluster:
        """Return a cluster object for clients of this node only, with the first user's log-in."""
        alone = ExecutionProfile(load_balancing_policy=WhiteListRoundRobinPolicy([self.host]))
        return Cluster(
            [self.host],
            port=self.port,
            execution_profiles={EXEC_PROFILE_DEFAULT: alone},
            auth_provider=PlainTextAuthProvider("cassandra", "cassandra") if self._passwords else None,
            ssl_context=self._tls and self._tls.client_context(),
            connect_timeout=_TIMEOUT,
            control_connection_timeout=_TIMEOUT,
            max_schema_agreement_wait=_TIMEOUT,
        )
