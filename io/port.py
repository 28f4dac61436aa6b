"""Types of the port table: a port is a flag that takes an address; an adapter opens addresses of some schemes."""

from dataclasses import dataclass
from importlib import import_module
from typing import Any, Generic, TypeVar

from certbeam.io.uri.address import Address, needs_extra, parse_address, unknown_scheme

ISSUE, ENRICH, GENERATE = "issue", "enrich", "generate"
PIPELINES = (ISSUE, ENRICH, GENERATE)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Adapter:
    """One kind of address of a port.

    Attributes:
        schemes: the schemes of its addresses; ``file`` for plain paths.
        form: the form of such an address, for help texts and error messages.
        opener: ``module:function``, imported when an address needs it. The function takes the
            :class:`~certbeam.io.uri.address.Address`, and raises ``FlagError`` if the address cannot be used.
        extra: the extra of certbeam that installs the libraries; an empty string if no extra is needed.
        is_local: True if the address is on the disk of the machine that opens it.
        on_dataflow: False if Dataflow's workers cannot reach the address.
    """

    schemes: tuple[str, ...]
    form: str
    opener: str
    extra: str = ""
    is_local: bool = False
    on_dataflow: bool = True

    def open(self, address: Address, *arguments: Any) -> Any:
        """Open an address.

        Args:
            address: the address.
            arguments: further arguments of the opener.

        Raises:
            FlagError: if the address cannot be used, or the extra is not installed.
        """
        module, _, function = self.opener.partition(":")
        with needs_extra(address, self.extra):
            opener = getattr(import_module(module), function)
        return opener(address, *arguments)


@dataclass(frozen=True)
class Port(Generic[T]):
    """A service that pipelines use, with a flag for its address.

    Attributes:
        name: its name in settings and in the worker.
        flag: the flag that takes its address.
        about: a description of the service, for help texts.
        adapters: the adapters, in the order of help texts.
        pipelines: the pipelines that have the flag.
        arguments: arguments of every opener after the address.
    """

    name: str
    flag: str
    about: str
    adapters: tuple[Adapter, ...]
    pipelines: tuple[str, ...] = PIPELINES
    arguments: tuple[Any, ...] = ()

    @property
    def forms(self) -> str:
        """Return the forms of the adapters' addresses as a list in words."""
        *others, last = dict.fromkeys(adapter.form for adapter in self.adapters)
        return f"{', '.join(others)} or {last}" if others else last

    def adapter(self, address: Address) -> Adapter:
        """Return the adapter of an address.

        Raises:
            FlagError: if no adapter has the address's scheme.
        """
        for adapter in self.adapters:
            if address.scheme in adapter.schemes:
                return adapter
        raise unknown_scheme(address, self.forms)

    def open(self, text: str, *arguments: Any) -> T:
        """Open the adapter of an address.

        Args:
            text: the value of the flag.
            arguments: further arguments of the opener, after those of the port.

        Raises:
            FlagError: if the address cannot be used.
        """
        address = parse_address(self.flag, text)
        opened: T = self.adapter(address).open(address, *self.arguments, *arguments)
        return opened

    def adapter_of(self, text: str) -> Adapter:
        """Return the adapter of the value of a flag; see :meth:`adapter`."""
        return self.adapter(parse_address(self.flag, text))
