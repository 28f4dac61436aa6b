"""A Kafka cluster of one node, which is broker and controller in one process (KRaft)."""

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
# There is one node, so the internal topics have one replica.
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
# An unknown topic is an error in an address, which must fail.
auto.create.topics.enable=false
group.initial.rebalance.delay.ms=0
num.network.threads=1
num.io.threads=2
log.segment.bytes=16777216
log.cleaner.dedupe.buffer.size=2097152
controlled.shutdown.enable=false
# A killed and restarted broker waits for the end of its old session. The default is 9 s.
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
"""The login module of a client's ``sasl.jaas.config``, by the SASL mechanism."""


class KafkaBroker(Server):
    """A broker at :attr:`uri`.

    Args:
        tls: the server's files for a second listener, at :attr:`secure_uri`, with TLS. Its clients log in as the user
            ``certbeam``, by any mechanism of :data:`LOGIN_MODULES`.
        password: the password of that user.
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
            # If a property is given twice, the later value is used.
            properties += _SECURE.format(
                **ports, keystore=tls.keystore, plain=plain, scram=scram, password=password
            )
            # SCRAM users are part of the broker's data. Only this option creates them before its first start.
            self._users = ("--add-scram", f'SCRAM-SHA-512=[name=certbeam,password="{password}"]')
        self._properties.write_text(properties, encoding="utf-8")
        self._logging = self.folder / "log4j2.properties"
        self._logging.write_text(_LOGGING, encoding="utf-8")

    @property
    def bootstrap(self) -> str:
        """Return the ``bootstrap.servers`` of clients."""
        return f"127.0.0.1:{self.port}"

    @property
    def uri(self) -> str:
        """Return the address for certbeam's flags, without a topic."""
        return f"kafka://{self.bootstrap}"

    @property
    def secure_uri(self) -> str:
        """Return the address of the listener with TLS, without a topic."""
        return f"kafka://127.0.0.1:{self.secure_port}"

    def start(self) -> None:
        """Format the storage if it is new, and start the broker."""
        if not (self.folder / "data" / "meta.properties").exists():
            self._format()
        super().start()

    def command(self) -> Sequence[str]:
        """See :class:`Server`."""
        return (*self._java("64m", "256m"), "kafka.Kafka", str(self._properties))

    def answers(self) -> bool:
        """Return True if the answer to a Metadata request (API 3, version 1, no topics) names a broker."""
        body = struct.pack(">hhih4si", 3, 1, 7, 4, b"wait", 0)
        answer = ask(self.port, struct.pack(">i", len(body)) + body, 12)
        return len(answer) == 12 and struct.unpack(">iii", answer)[2] >= 1

    def topic(self, name: str, partitions: int = 1, config: Mapping[str, str] | None = None) -> str:
        """Create a topic, and return its address."""
        create_topic(self.bootstrap, name, partitions, config)
        return f"{self.uri}/{name}"

    def _format(self) -> None:
        # The tool reads an id that begins with a dash as an option.
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
