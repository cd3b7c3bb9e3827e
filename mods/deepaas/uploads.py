"""Uploaded files: bounded, kept under a name of ours, and gone when the request has ended.

DEEPaaS copies an upload of any size to a temporary file that nobody deletes. Here it lies in a
scratch folder of the server; what a killed server or worker leaves there, the next one removes.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import json
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from marshmallow import ValidationError, validate
from marshmallow import fields as marshmallow
from marshmallow.warnings import ChangedInMarshmallow4Warning

from mods import atomic, settings
from mods.deepaas import fields, guard, sent
from mods.errors import UsageError
from mods.request import Given
from mods.request.given import STEM
from mods.request.service import LARGEST_BODY

LARGEST = int(LARGEST_BODY * 2**20)  # bytes
PARSED = 4 * 2**20  # bytes of a body that is parsed as a whole, which nobody else is served beside
ABOUT = (
    "Predict from this file instead of the service's datapool: CSV, TSV, Parquet or JSON (a time"
    " column, as in time or window_end, and a column per feature of the model), plain or packed by"
    " gzip; a TSV of windows of a datapool; or a zip of a datapool. At most"
    f" {LARGEST >> 20} MiB, or what the operator allows. Times are ends of windows, UTC unless they"
    " say otherwise."
)


class TooLargeError(UsageError):
    """More bytes than the service takes."""

    status = 413


class IsFile(validate.Validator):
    """A part of a form with a file name, or nothing."""

    def __call__(self, value: Any) -> Any:
        """Raise ValidationError for a text where a file belongs."""
        if value in ("", None) or isinstance(value, web.FileField):
            return value
        raise ValidationError("Not a file. Send it as multipart/form-data: curl -F data=@FILE.")


class Values(marshmallow.String):
    """JSON as text, or as it stands in a JSON body."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        if isinstance(value, list | dict):
            value = json.dumps(value)
        read: str = super()._deserialize(value, *args, **kwargs)
        if len(read) > PARSED:
            raise ValidationError(
                f"More than {PARSED} characters. Send them as a file: data=@FILE."
            )
        return read


def field() -> marshmallow.Field:
    """The upload; of this very class, by which deepaas-cli knows files."""
    told = {"description": ABOUT, "type": "file", "location": "form"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ChangedInMarshmallow4Warning)
        return marshmallow.Field(metadata=told, validate=IsFile())


def values() -> Values:
    """The values of the request itself."""
    (one,) = (one for one in settings.settings(Given) if one.name == "values")
    told = fields.field(one).metadata
    told = {**told, "description": f"{told['description']} At most {PARSED >> 20} MiB."}
    return Values(metadata=told, allow_none=True, error_messages={"invalid": "Not JSON, as text."})


def given(args: dict[str, Any]) -> Given:
    """What a request says of its values; deepaas-cli brings them as the text of a list."""
    values = args.get("values")
    if isinstance(values, list | dict):
        args = {**args, "values": json.dumps(values)}
    read: Given = settings.build(Given, args)
    return read


@contextlib.contextmanager
def taken(upload: Any) -> Iterator[Path | None]:
    """The file of an upload, which is deleted after the block; None where none was sent."""
    if upload in ("", None):
        yield None
        return
    path = Path(getattr(upload, "filename", upload))
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def install(wrapper: Any, parser: Any) -> None:
    """Bound what requests bring, and let no upload outlive its request."""
    wrapper.predict = _brief(wrapper.predict)
    parser.parse = _bounded(parser.parse)
    sweep()


def sweep() -> None:
    """Remove what servers and workers left that were killed."""
    atomic.sweep(Path(tempfile.gettempdir()), STEM, atomic.DRAFT_FOLDER)


def _brief(predict: Callable[..., Any]) -> Callable[..., Any]:
    """Keep uploads in a scratch folder that goes with the task, however the task ends."""

    async def work(wrapper: Any, *args: Any, **kwargs: Any) -> Any:
        with contextlib.ExitStack() as stack:
            kept = {name: await _kept(value, stack) for name, value in kwargs.items()}
            try:
                return await predict(wrapper, *args, **kept)
            except BaseException:
                sweep()  # a worker that died left its own copy
                raise

    @functools.wraps(predict)
    def inside(*args: Any, **kwargs: Any) -> Any:
        return asyncio.ensure_future(work(*args, **kwargs))

    return inside


async def _kept(value: Any, stack: contextlib.ExitStack) -> Any:
    """The value; of a file where its bytes now lie, in the way DEEPaaS tells it.

    They are copied beside the event loop, which serves others meanwhile.
    """
    if not isinstance(value, web.FileField):
        return value
    from deepaas.model.v2.wrapper import UploadedFile

    path = stack.enter_context(atomic.scratch(STEM)) / "upload"
    with path.open("wb") as file:
        await asyncio.to_thread(shutil.copyfileobj, value.file, file)
    if path.stat().st_size > LARGEST:
        raise _too_large(LARGEST)
    return UploadedFile(value.name, str(path), value.content_type, "")


def _bounded(parse: Callable[..., Any]) -> Callable[..., Any]:
    """Read no more of a body than is allowed, and refuse fields nobody knows."""

    @functools.wraps(parse)
    async def inside(parser: Any, argmap: Any, req: web.Request, *args: Any, **more: Any) -> Any:
        req = _read_at_most(req)
        if (req.content_length or 0) > req.client_max_size:
            raise _too_large(req.client_max_size)
        try:
            read = await parse(parser, argmap, req, *args, **more)
        except web.HTTPRequestEntityTooLarge as error:
            raise _too_much(error, req.client_max_size) from None
        except (HttpProcessingError, web.RequestPayloadError, RuntimeError) as error:
            raise ValueError("no proper body") from error
        except web.HTTPClientError:
            sent.check(parser, argmap, req)  # what is wrong with the whole comes first
            raise
        sent.check(parser, argmap, req)
        return read

    return inside


def _read_at_most(req: web.Request) -> web.Request:
    """The request with a limit; one without a body is no form, whatever the Swagger page says.

    JSON and plain forms are parsed in the event loop: no more of them than takes a moment.
    """
    most = LARGEST if req.content_type == "multipart/form-data" else PARSED
    if not 0 < req.client_max_size <= most:
        req = req.clone(client_max_size=most)
    if not req.body_exists and "Content-Type" in req.headers:
        headers = {
            name: value for name, value in req.headers.items() if name.lower() != "content-type"
        }
        req = req.clone(headers=headers)
    return req


def _too_much(error: web.HTTPRequestEntityTooLarge, most: int) -> guard.Failure:
    """Too many bytes, or too many fields, of which the framework tells in words alone."""
    if "fields" not in (error.text or ""):
        return _too_large(most)
    fix = "Give each field once, and lists as JSON"
    return guard.answer(TooLargeError("has too many fields", where="request body", fix=fix))


def _too_large(most: int) -> guard.Failure:
    fix = "Send less, or a packed file as multipart/form-data: curl -F data=@FILE"
    return guard.answer(TooLargeError(f"has more than {most} bytes", where="request body", fix=fix))
