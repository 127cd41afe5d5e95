"""FastAPI with pydantic, served by uvicorn."""

import sys
from typing import Annotated, Literal

import uvicorn
from fastapi import FastAPI, WebSocket, WebSocketDisconnect
from pydantic import BaseModel, ConfigDict, Field


class Line(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    id: Annotated[int, Field(ge=0)]
    user: Annotated[str, Field(min_length=1, max_length=24)]
    text: Annotated[str, Field(max_length=20000)]


class Echo(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    type: Literal["echo"]
    data: Line


app = FastAPI()


@app.websocket("/echo")
async def echo(websocket: WebSocket):
    await websocket.accept()
    try:
        while True:
            message = Echo.model_validate_json(await websocket.receive_text())
            await websocket.send_text(message.model_dump_json())
    except WebSocketDisconnect:
        pass


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
