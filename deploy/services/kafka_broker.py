"""A Kafka broker of one node (KRaft, broker and controller in one process)."""

import base64
import struct
import subprocess
import uuid
from collections.abc import Mapping, Sequence

from .java import class_path
from .kafka_client import create_topic
from .server import Server, ServerFailed, Tls, ask, free_port

_JAVA = ("java", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Djava.awt.headless=true")

_PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=PLAINTEXT
controller.listener.names=CONTROLLER
log.dirs={folder}/data
# One node: what the broker keeps for itself has one copy.
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
# A topic that nobody made is a mistake in the address, which must show.
auto.create.topics.enable=false
group.initial.rebalance.delay.ms=0
num.network.threads=1
num.io.threads=2
log.segment.bytes=16777216
log.cleaner.dedupe.buffer.size=2097152
controlled.shutdown.enable=false
# A broker killed and started again waits for its own old session to end; the default is 9 s.
broker.session.timeout.ms=2000
broker.heartbeat.interval.ms=500
"""

_LOGGING = """\
status=warn
rootLogger.level=warn
rootLogger.appenderRef.out.ref=OUT
appender.out.type=Console
appender.out.name=OUT
appender.out.layout.type=PatternLayout
appender.out.layout.pattern=[%d] %p %m (%c)%n
"""

_SECURE = """\
listeners=PLAINTEXT://127.0.0.1:{port},SASL_SSL://127.0.0.1:{secure},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port},SASL_SSL://127.0.0.1:{secure}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL,CONTROLLER:PLAINTEXT
sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-512
listener.name.sasl_ssl.plain.sasl.jaas.config={plain} required user_certbeam="{password}";
listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config={scram} required;
ssl.keystore.type=PEM
ssl.keystore.location={keystore}
"""
LOGIN_MODULES: Mapping[str, str] = {
    "PLAIN": "org.apache.kafka.common.security.plain.PlainLoginModule",
    "SCRAM-SHA-512": "org.apache.kafka.common.security.scram.ScramLoginModule",
}
"""What a client's ``sasl.jaas.config`` names, by the mechanism of its log-in."""


class KafkaBroker(Server):
    """A broker whose clients find it at :attr:`uri`.

    Args:
        tls: for a second way in, at :attr:`secure_uri`, by TLS and the log-in of the user ``certbeam``,
            by each mechanism of :data:`LOGIN_MODULES`.
        password: of that user.
    """

    def __init__(self, *, tls: Tls | None = None, password: str = "") -> None:
        super().__init__("kafka")
        self.port = free_port()
        self.secure_port = free_port()
        self._properties = self.folder / "server.properties"
        ports = {"port": self.port, "secure": self.secure_port, "controller": free_port()}
        properties = _PROPERTIES.format(**ports, folder=self.folder)
        self._users: tuple[str, ...] = ()
        if tls:
            plain, scram = LOGIN_MODULES.values()
            # Of a property that is given twice, the later one holds.
            properties += _SECURE.format(
                **ports, keystore=tls.keystore, plain=plain, scram=scram, password=password
            )
            # The broker keeps users of SCRAM among its data, and knows them from its first start only by this.
            self._users = ("--add-scram", f'SCRAM-SHA-512=[name=certbeam,password="{password}"]')
        self._properties.write_text(properties, encoding="utf-8")
        self._logging = self.folder / "log4j2.properties"
        self._logging.write_text(_LOGGING, encoding="utf-8")

    @property
    def bootstrap(self) -> str:
        """``bootstrap.servers`` of its clients."""
        return f"127.0.0.1:{self.port}"

    @property
    def uri(self) -> str:
        """The address for certbeam's flags, without a topic."""
        return f"kafka://{self.bootstrap}"

    @property
    def secure_uri(self) -> str:
        """The address of the second way in, without a topic."""
        return f"kafka://127.0.0.1:{self.secure_port}"

    def start(self) -> None:
        """Format the storage where it is new, then start."""
        if not (self.folder / "data" / "meta.properties").exists():
            self._format()
        super().start()

    def command(self) -> Sequence[str]:
        """See :class:`Server`."""
        return (*self._java("64m", "256m"), "kafka.Kafka", str(self._properties))

    def answers(self) -> bool:
        """Whether a Metadata request (API 3, version 1, no topics) is answered with a broker."""
        body = struct.pack(">hhih4si", 3, 1, 7, 4, b"wait", 0)
        answer = ask(self.port, struct.pack(">i", len(body)) + body, 12)
        return len(answer) == 12 and struct.unpack(">iii", answer)[2] >= 1

    def topic(self, name: str, partitions: int = 1, config: Mapping[str, str] | None = None) -> str:
        """Create a topic, with configuration of its own if given, and return its address."""
        create_topic(self.bootstrap, name, partitions, config)
        return f"{self.uri}/{name}"

    def _format(self) -> None:
        # The tool takes an id that begins with a dash for an option.
        identifier = "A" + base64.urlsafe_b64encode(uuid.uuid4().bytes).decode()[1:22]
        tool = ("kafka.tools.StorageTool", "format", "-t", identifier, "-c", str(self._properties))
        command = (*self._java("32m", "96m"), *tool, *self._users)
        done = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
        )
        if done.returncode:
            raise ServerFailed(f"the broker's storage cannot be formatted:\n{done.stdout}")

    def _java(self, least: str, most: str) -> tuple[str, ...]:
        logging = f"-Dlog4j2.configurationFile={self._logging}"
        return (*_JAVA, f"-Xms{least}", f"-Xmx{most}", logging, "-cp", class_path("kafka"))
