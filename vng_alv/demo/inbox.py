"""The demo's mail server: a real SMTP receiver that keeps every message as a file, for the inbox page to show.

``python -m vng_alv.demo.inbox HOST PORT FOLDER`` runs until it is told to stop. A message becomes
``<nanoseconds>-<random>.eml``, so that names sort by arrival, with the envelope's recipients in ``X-Envelope-To``.
"""

import asyncio
import secrets
import signal
import sys
import time
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

LARGEST = 10 * 2**20  # bytes of one message


class Keeper:
    """Writes what arrives into a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        """Keep one message; the sender is told 250 only when the file is there under its final name."""
        content = envelope.content or b""
        head = "".join(f"X-Envelope-To: {recipient}\r\n" for recipient in envelope.rcpt_tos).encode()
        name = f"{time.time_ns()}-{secrets.token_hex(4)}"
        draft = self.folder / f".{name}"
        draft.write_bytes(head + (content if isinstance(content, bytes) else content.encode()))
        draft.rename(self.folder / f"{name}.eml")
        return "250 Kept"


async def receive(host: str, port: int, folder: Path) -> None:
    """Listen until SIGTERM or SIGINT."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    keeper = Keeper(folder)
    server = await loop.create_server(
        lambda: SMTP(keeper, data_size_limit=LARGEST, enable_SMTPUTF8=True, ident="alv demo", loop=loop), host, port
    )
    await stop.wait()
    server.close()


if __name__ == "__main__":
    asyncio.run(receive(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])))
