"""chanx on FastAPI, served by uvicorn."""

import sys
from typing import Annotated, Literal

import uvicorn
from chanx.core.decorators import channel, ws_handler
from chanx.fast_channels.websocket import AsyncJsonWebsocketConsumer
from chanx.messages.base import BaseMessage
from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict, Field
from starlette.routing import WebSocketRoute


class Line(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    id: Annotated[int, Field(ge=0)]
    user: Annotated[str, Field(min_length=1, max_length=24)]
    text: Annotated[str, Field(max_length=20000)]


class Echo(BaseMessage):
    action: Literal["echo"] = "echo"
    payload: Line


@channel(name="echo")
class EchoConsumer(AsyncJsonWebsocketConsumer):
    @ws_handler
    async def on_echo(self, message: Echo) -> Echo:
        return message


app = FastAPI()
app.router.routes.append(WebSocketRoute("/echo", EchoConsumer.as_asgi()))

if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
