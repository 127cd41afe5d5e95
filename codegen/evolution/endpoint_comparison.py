"""Comparison of two versions of an endpoint, message by message and by direction.

Old clients go on sending, so a new server must accept everything that the old schemas of client messages accept. They
also go on reading, so a new server must send only values that the old schemas of server messages accept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..deep_stack import with_deep_stack
from ..model import Endpoint
from ..source import json_pointer
from .changes import Change, Verdict
from .contract_document import ContractDocument, ErrorContract, MessageContract, contract_document
from .equality import Equality
from .keyword_changes import Wording
from .lock_file import LockFile
from .schema_comparison import SchemaComparison
from .schemas import Schemas

__all__ = ["compare", "compare_folders", "compatible_contracts"]


def compare_folders(old: Iterable[ContractDocument], new: Iterable[ContractDocument]) -> Iterator[Change]:
    """Yield the changes between two versions of all endpoints, in the order of their names."""
    before, after = ({one.name: one for one in documents} for documents in (old, new))
    for name in sorted({*before, *after}):
        if name not in after:
            text = "removed: old clients cannot connect"
            yield Change(endpoint=name, verdict="breaking", code="endpoint_removed", text=text)
        elif name not in before:
            yield Change(endpoint=name, verdict="compatible", code="endpoint_added", text="new")
        else:
            yield from compare(before[name], after[name])


def compatible_contracts(lock: LockFile, endpoint: Endpoint) -> tuple[str, ...]:
    """Return the released contracts whose clients and a server with the endpoint understand each other."""
    releases = lock.of(endpoint.name)
    if not releases:
        return ()
    current = contract_document(endpoint)
    return tuple(
        release.document.contract
        for release in releases
        if release.document.contract != current.contract
        and all(change.verdict == "compatible" for change in compare(release.document, current))
    )


@with_deep_stack
def compare(old: ContractDocument, new: ContractDocument) -> list[Change]:
    """Return the changes between two versions of an endpoint; none if old clients notice no difference.

    Args:
        old: Version of the clients.
        new: Version of the server.
    """
    return list(_Comparison(old, new).changes())


class _Comparison:
    def __init__(self, old: ContractDocument, new: ContractDocument) -> None:
        self._old = old
        self._new = new
        before, after = (Schemas(one.schema, formats=one.formats) for one in (old, new))
        params = [] if old.params is None else [old.params]
        from_clients = [*params, *_schemas(old.client, "payload", "cursor"), *_schemas(old.server, "reply")]
        presence = [] if new.presence is None else [new.presence]
        from_server = [*presence, *_schemas(new.server, "payload"), *_schemas(new.client, "reply", "stream")]
        from_server += _error_data(new)
        self._by_clients = SchemaComparison(before.closed(from_clients), after, Wording(sender_is_old=True))
        self._by_server = SchemaComparison(after.closed(from_server), before, Wording(sender_is_old=False))
        self._equality = Equality(before, after)

    def changes(self) -> Iterator[Change]:
        """Yield all changes."""
        yield from self._connection()
        yield from self._messages("client", self._old.client, self._new.client)
        yield from self._messages("server", self._old.server, self._new.server)
        yield from self._presence()
        yield from self._errors("", self._old.errors, self._new.errors)

    def _connection(self) -> Iterator[Change]:
        old, new = self._old, self._new
        if old.kind != new.kind:
            yield self._change("breaking", "kind_changed", f"kind {old.kind} → {new.kind}", pointer="/kind")
        elif old.path != new.path:
            yield self._change("breaking", "path_changed", f"path {old.path} → {new.path}", pointer="/path")
        if old.params is not None and new.params is not None:
            yield from self._schema("", "params", old.params, new.params, self._by_clients)
        elif old.params is None and new.params is not None:
            text = "params are new, and old clients send none"
            yield self._change("unknown", "params_changed", text, pointer=new.params)

    def _messages(
        self, side: str, old: tuple[MessageContract, ...], new: tuple[MessageContract, ...]
    ) -> Iterator[Change]:
        before, after = ({message.name: message for message in messages} for messages in (old, new))
        added = [message for name, message in after.items() if name not in before]
        for name, message in before.items():
            label = f"{side} message {name}"
            if name in after:
                yield from (self._client if side == "client" else self._server)(label, message, after[name])
            elif side == "client":
                text = f"removed: old clients still send it{self._renaming(message, added)}"
                yield self._change("breaking", "message_removed", text, label)
            else:
                yield self._change("compatible", "message_removed", "removed: old clients no longer receive it", label)
        for message in added:
            yield self._added(side, message)

    def _added(self, side: str, message: MessageContract) -> Change:
        label = f"{side} message {message.name}"
        if side == "server" and message.reply is not None:
            text = "new request: old clients do not answer it"
            return self._change("breaking", "message_added", text, label, message.payload)
        text = "new: old clients drop it" if side == "server" else "new"
        return self._change("compatible", "message_added", text, label, message.payload)

    def _renaming(self, message: MessageContract, added: Iterable[MessageContract]) -> str:
        """Return a hint about the only new message with an equal payload and answer."""
        alike = [
            other.name
            for other in added
            if all(
                self._is_equal(getattr(message, part), getattr(other, part)) for part in ("payload", "reply", "stream")
            )
        ]
        return f" (renamed to {alike[0]}? keep both names)" if len(alike) == 1 else ""

    def _client(self, label: str, old: MessageContract, new: MessageContract) -> Iterator[Change]:
        yield from self._payload(label, old.payload, new.payload, self._by_clients)
        yield from self._answer(label, "reply", old.reply, new.reply)
        yield from self._answer(label, "stream", old.stream, new.stream)
        yield from self._resume(label, old, new)
        if old.acknowledged != new.acknowledged:
            text = f"acknowledged {_text(old.acknowledged)} → {_text(new.acknowledged)}"
            yield self._change("breaking", "policy_changed", text, label)
        if old.rate != new.rate:
            text = f"rate {_rate(old.rate)} → {_rate(new.rate)}"
            verdict: Verdict = "breaking" if _is_lower(old.rate, new.rate) else "compatible"
            yield self._change(verdict, "policy_changed", text, label)
        yield from self._errors(label, old.errors, new.errors)
        if old.concurrent != new.concurrent or type(old.concurrent) is not type(new.concurrent):
            text = f"concurrent {_text(old.concurrent)} → {_text(new.concurrent)}"
            yield self._change("compatible", "policy_changed", text, label)
        yield from self._timeout(label, old, new)

    def _timeout(self, label: str, old: MessageContract, new: MessageContract) -> Iterator[Change]:
        """Yield the change of a timeout, which is compatible: every request may fail for lack of time."""
        if old.timeout != new.timeout:
            text = f"timeout {_seconds(old.timeout)} → {_seconds(new.timeout)}"
            yield self._change("compatible", "policy_changed", text, label)

    def _resume(self, label: str, old: MessageContract, new: MessageContract) -> Iterator[Change]:
        """Yield the changes of the position that old clients send after a lost connection."""
        if old.cursor is not None and new.cursor is not None and old.resume == new.resume:
            yield from self._schema(label, "resume", old.cursor, new.cursor, self._by_clients)
        elif old.resume is None and new.resume is not None:
            text = "resume is new: old clients send no position"
            yield self._change("compatible", "policy_changed", text, label)
        elif old.resume != new.resume:
            change = "removed" if new.resume is None else f"{old.resume} → {new.resume}"
            text = f"resume {change}: old clients still send the position"
            yield self._change("breaking", "policy_changed", text, label)

    def _server(self, label: str, old: MessageContract, new: MessageContract) -> Iterator[Change]:
        yield from self._payload(label, old.payload, new.payload, self._by_server)
        if old.reply is not None and new.reply is not None:
            yield from self._schema(label, "reply", old.reply, new.reply, self._by_clients)
        elif old.reply is not None:
            yield self._change("compatible", "reply_changed", "reply removed: the server no longer asks for it", label)
        elif new.reply is not None:
            yield self._change("breaking", "reply_changed", "reply is new: old clients send none", label, new.reply)
        yield from self._timeout(label, old, new)

    def _payload(self, label: str, old: str | None, new: str | None, direction: SchemaComparison) -> Iterator[Change]:
        if old is not None and new is not None:
            yield from self._schema(label, "payload", old, new, direction)
        elif old is not None or new is not None:
            text = "payload removed" if new is None else "payload is new"
            yield self._change("breaking", "payload_changed", text, label, new)

    def _answer(self, label: str, part: str, old: str | None, new: str | None) -> Iterator[Change]:
        if old is not None and new is not None:
            yield from self._schema(label, part, old, new, self._by_server)
        elif old is not None:
            yield self._change("breaking", f"{part}_changed", f"{part} removed: old clients wait for it", label)
        elif new is not None:
            text = f"{part} is new: old clients send no request"
            yield self._change("breaking", f"{part}_changed", text, label, new)

    def _schema(self, label: str, part: str, old: str, new: str, direction: SchemaComparison) -> Iterator[Change]:
        if self._is_equal(old, new):
            return
        code = f"{part.partition(' ')[0]}_changed"
        sent, received = (old, new) if direction is self._by_clients else (new, old)
        reasons = direction.reasons(sent, received)
        for reason in reasons:
            text = f"{part}: {reason.text}"
            yield self._change(reason.verdict, code, text, label, new, place=reason.place)
        if not reasons:
            text = "wider" if direction is self._by_clients else "narrower"
            yield self._change("compatible", code, f"{part} is equal or {text}", label, new)

    def _is_equal(self, old: str | None, new: str | None) -> bool:
        """Return True if two versions of a schema are equal, apart from annotations."""
        return old == new if old is None or new is None else self._equality.of(old, new)

    def _presence(self) -> Iterator[Change]:
        old, new = self._old.presence, self._new.presence
        if old is not None and new is not None:
            yield from self._schema("", "presence", old, new, self._by_server)
        elif old is not None:
            yield self._change("compatible", "presence_changed", "presence removed: old clients see nobody")
        elif new is not None:
            text = "presence is new: old clients do not request it"
            yield self._change("compatible", "presence_changed", text, pointer=new)

    def _errors(self, label: str, old: tuple[ErrorContract, ...], new: tuple[ErrorContract, ...]) -> Iterator[Change]:
        """Yield the changes of the errors of a message, or of all messages."""
        before = {error.code: error for error in (*self._old.errors, *old)}
        after = {error.code for error in (*self._new.errors, *new)}
        for error in new:
            if error.code not in before:
                text = f"error {error.code} is new: old clients do not know it"
                yield self._change("breaking", "error_added", text, label, _declaration(label, "errors", error.code))
            else:
                yield from self._error_data(label, before[error.code], error)
        for error in old:
            if error.code not in after:
                yield self._change("compatible", "error_removed", f"error {error.code} removed", label)

    def _error_data(self, label: str, old: ErrorContract, new: ErrorContract) -> Iterator[Change]:
        if old.data is not None and new.data is not None:
            yield from self._schema(label, f"error {new.code}", old.data, new.data, self._by_server)
        elif old.data is not None:
            text = f"error {new.code} has no data any more: old clients read it"
            yield self._change("breaking", "error_changed", text, label, _declaration(label, "errors", new.code))
        elif new.data is not None:
            text = f"error {new.code} has data: old clients drop it"
            yield self._change("compatible", "error_changed", text, label, new.data)

    def _change(
        self,
        verdict: Verdict,
        code: str,
        text: str,
        label: str = "",
        pointer: str | None = None,
        *,
        place: str = "",
    ) -> Change:
        return Change(
            endpoint=self._new.name,
            verdict=verdict,
            code=code,
            text=text,
            message=label,
            place=place,
            pointer=pointer or _declaration(label),
        )


def _declaration(label: str, *tokens: str) -> str:
    """Return the pointer to the declaration of a message, or to a part of it, in the document of the endpoint.

    Args:
        label: Message with its side, such as ``client message say``; empty for the endpoint itself.
        tokens: Names on the way from the declaration to the part.
    """
    side, _, name = label.partition(" message ")
    return json_pointer.join(json_pointer.join("", f"{side}Messages", name) if label else "", *tokens)


def _error_data(document: ContractDocument) -> Iterator[str]:
    for error in (*document.errors, *(error for message in document.client for error in message.errors)):
        if error.data is not None:
            yield error.data


def _schemas(messages: Iterable[MessageContract], *parts: str) -> Iterator[str]:
    for message in messages:
        yield from (pointer for part in parts if (pointer := getattr(message, part)) is not None)


def _is_lower(old: tuple[int, float] | None, new: tuple[int, float] | None) -> bool:
    """Return True if a client that keeps to the old rate may exceed the new one."""
    if new is None or old is None:
        return new is not None
    return new[0] < old[0] or new[0] * old[1] < old[0] * new[1]


def _rate(rate: tuple[int, float] | None) -> str:
    return "none" if rate is None else f"{rate[0]}/{rate[1]:g}s"


def _seconds(timeout: float | None) -> str:
    return "none" if timeout is None else f"{timeout:g}s"


def _text(value: bool | int) -> str:
    return str(value).lower()
