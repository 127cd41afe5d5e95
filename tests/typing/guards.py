"""Guards with the wrong type for their handler."""

from generated.chat import ChatHandler
from generated.export import ExportHandler
from tests.typing.sends import Chat, Export
from tornado_ws import WebSocketController, allow_addresses, authenticated, same_session

sockets = WebSocketController()


async def any_chat(handler: ChatHandler) -> bool:
    return handler.params.nick != "root"


async def only_exports(handler: ExportHandler) -> bool:
    return True


async def without_result(handler: ChatHandler) -> None: ...


def not_async(handler: ChatHandler) -> bool:
    return True


async def without_await(handler: ChatHandler) -> bool:
    return any_chat(handler)  # E: [return-value] Incompatible return value type (got "Coroutine[Any, Any, bool]", expected "bool")


sockets.persistent(Chat, guards=[any_chat, authenticated, allow_addresses("127.0.0.1")])
sockets.persistent(Chat, guards=[only_exports])  # E: [list-item] List item 0 has incompatible type "Callable[[ExportHandler], Coroutine[Any, Any, bool]]"; expected "Callable[[Chat], Awaitable[bool]]"
sockets.persistent(Chat, guards=[without_result])  # E: [list-item] List item 0 has incompatible type "Callable[[ChatHandler], Coroutine[Any, Any, None]]"; expected "Callable[[Chat], Awaitable[bool]]"
sockets.persistent(Chat, guards=[not_async])  # E: [list-item] List item 0 has incompatible type "Callable[[ChatHandler], bool]"; expected "Callable[[Chat], Awaitable[bool]]"
sockets.persistent(Chat, guards=[same_session("id")])  # E: [list-item] List item 0 has incompatible type "Binding"; expected "Callable[[Chat], Awaitable[bool]]"
sockets.persistent(Export)  # E: [type-var] Value of type variable "PersistentT" of "persistent" of "WebSocketController" cannot be "Export"
sockets.ephemeral(Export, guards=[only_exports, same_session("id")])
sockets.ephemeral(Export, guards=[any_chat])  # E: [list-item] List item 0 has incompatible type "Callable[[ChatHandler], Coroutine[Any, Any, bool]]"; expected "Callable[[Export], Awaitable[bool]] | Binding"
sockets.ephemeral(Chat)  # E: [type-var] Value of type variable "EphemeralT" of "ephemeral" of "WebSocketController" cannot be "Chat"
