"""The doors of Anlan, each with what it really receives and what it may answer. Anything else it does is a fault."""

from __future__ import annotations

import random
import shutil
from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from alerts.edge_events import EdgeEvents
from edge.batch import Batch, Origin, Pending
from edge.batch import encode as encode_batch
from edge.payload import Malformed, PayloadDecoder
from edge.pdu import answer_of, data_bytes
from edge.records import pack
from edge.recovery import recover, stored
from edge.request import ReadFailure
from edge.spool import Spool
from edge.wiring import feeds
from runtime.files import load_packs, load_site, shipped
from tests.unit.packs.dumps import golden
from tests.unit.vocab.small import pack_files
from vocab import duties_load, expression_parse, oncall_load, org_load, pack_load, site_load, sla_load, topics
from vocab.pack import Pack
from vocab.site import Site
from wire import event as wire_event
from wire import frame as wire_frame
from wire import order as wire_order
from wire.event import EdgeEvent
from wire.frame import AssetColumns, Frame, FrameError
from wire.gate import Gate
from wire.message import Message
from wire.order import Order, OrderError
from wire.verdict import Accepted

NOW_MS = 1_774_224_902_350
Door = Callable[[bytes], Hashable]  # what it said, so that what is told something new is tried further


@dataclass(frozen=True, slots=True)
class Target:
    """A door. `share` is how many of a thousand inputs it gets: one that reads a whole site costs a thousand frames."""

    name: str
    seeds: Sequence[bytes]
    door: Door
    share: float
    most_bytes: int = 8_192


def targets(folder: Path) -> list[Target]:
    """Every door; `folder` is for those that read files."""
    packs = load_packs(with_tests=True)
    site = load_site(shipped("sites") / "demo", packs)
    return [
        _gate(site), _frames(site), _events(site), _topics(), *_payloads(packs), _registers(site),
        _spool(folder / "spool"), _journal(folder / "journal"), _expressions(), *_loaders(site, packs), *_packs(),
    ]  # fmt: skip


# --- the wire --------------------------------------------------------------------------------------------------------


def _samples(site: Site) -> list[Frame]:
    found = []
    for number, edge in enumerate(site.file.edge):
        assets = [asset for asset, _ in site.devices_of(edge.id)][:3]
        blocks = []
        for asset in assets:
            points = [point.id for point in site.points_of(asset)][:6]
            blocks.append(AssetColumns(asset.id, points, [1.5] * len(points)))
        if blocks:
            blocks[0].values[0] = None
            blocks[0].doubts.append((0, 2, "comm_timeout"))
            blocks[-1].offsets_ms = [-250] * len(blocks[-1].points)
        found.append(Frame(1, site.id, edge.id, 7, number + 1, NOW_MS, blocks, sim=True))
    return found


def _gate(site: Site) -> Target:
    gate = Gate([site])
    names = [topics.build(site.id, edge.id, topics.Kind.TELE) for edge in site.file.edge]
    seeds = [write(frame) for frame in _samples(site) for write in (wire_frame.encode, wire_frame.encode_json)]

    def door(data: bytes) -> Hashable:
        answer = gate.judge(names[len(data) % len(names)], data, NOW_MS)
        if not isinstance(answer, Accepted):
            return answer.reason, answer.detail[:24]
        answer.readings(gate.catalogue)
        widths = {
            len(column) for column in (answer.series, answer.values, answer.measured_ms, answer.quality, answer.reason)
        }
        assert len(widths) == 1, widths
        return "accepted", len(answer.refused), tuple(sorted(set(answer.reason.tolist())))

    return Target("gate", seeds, door, 400)


def _frames(site: Site) -> Target:
    seeds = [write(frame) for frame in _samples(site) for write in (wire_frame.encode, wire_frame.encode_json)]

    def door(data: bytes) -> Hashable:
        wire_frame.as_text(data)
        try:
            frame = wire_frame.decode(data)
            wire_frame.readings(frame)
        except FrameError as error:
            return str(error)[:24]
        return "frame", len(frame.assets)

    return Target("frame", seeds, door, 130)


def _events(site: Site) -> Target:
    edge = site.file.edge[0].id
    told = EdgeEvent(
        1, site.id, edge, 1, 1, NOW_MS, "boiler-1.x", "normal", "unacked", "raised", NOW_MS, (1, 1), 9.5, ["s"]
    )
    seeds = [wire_event.encode(told), wire_order.encode(Order(1, "silence", NOW_MS, "duty room", "boiler-1.x"))]
    refused: Counter[str] = Counter()
    events = EdgeEvents(refused)
    topic = topics.build(site.id, edge, topics.Kind.EVENT)

    def door(data: bytes) -> Hashable:
        refused.clear()
        found = events.read(site, [Message(topic, data)])
        try:
            wire_order.decode(data)
        except OrderError as error:
            return len(found), tuple(refused), str(error)[:24]
        return len(found), tuple(refused), "order"

    return Target("event", seeds, door, 80)


def _topics() -> Target:
    def door(data: bytes) -> Hashable:
        try:
            return topics.parse(data.decode("utf-8", "replace")).kind
        except ValueError:
            return "refused"

    return Target("topic", [b"anlan/v1/demo/edge-a/tele", b"anlan/v1/a/b/backfill"], door, 60, 200)


# --- devices ---------------------------------------------------------------------------------------------------------


def _payloads(packs: dict[str, Pack]) -> Iterator[Target]:
    makes = [(pack, make) for pack in packs.values() for make in pack.makes.values() if make.mqtt is not None]
    for pack_, make in makes:
        assert make.mqtt is not None
        points = {name: pack_.points[name] for name in make.points}
        decoder = PayloadDecoder(make.mqtt, points, ZoneInfo("Asia/Shanghai"))
        cases = golden(shipped("packs") / pack_.kind / "golden" / f"{make.make}.toml").cases
        bodies = [case.body for case in cases if case.body is not None]

        def door(data: bytes, decoder: PayloadDecoder = decoder) -> Hashable:
            told = decoder.decode(data)
            if isinstance(told, Malformed):
                return told.why[:24]
            assert len(told.row.values) == len(told.row.reasons) == len(decoder.points)
            assert all(value is None or abs(value) < float("inf") for value in told.row.values)
            return tuple(told.row.reasons), told.device_ms is None

        yield Target(f"payload {make.make}", bodies, door, 160 / len(makes), 4_096)


def _registers(site: Site) -> Target:
    wired = [feed for edge in site.file.edge for feed in feeds(site, edge)]
    dice = random.Random(1)
    seeds = []
    for feed in wired[:60]:
        expected = data_bytes(feed.request)
        function = {"coil": 1, "discrete": 2, "holding": 3, "input": 4}[feed.request.table]
        seeds.append(bytes([function, expected & 255]) + dice.randbytes(expected))

    def door(data: bytes) -> Hashable:
        feed = wired[int.from_bytes(data[-2:], "big") % len(wired)]
        answer = answer_of(feed.request, data)
        if isinstance(answer, ReadFailure):
            answer = data[2 : 2 + data_bytes(feed.request)].ljust(data_bytes(feed.request), b"\xff")
            if feed.request.table in {"coil", "discrete"}:
                answer = [byte & 1 for byte in data[: feed.request.count]]
        found = feed.decode(answer)
        if isinstance(found, ReadFailure):
            return found.kind
        assert len(found.values) == len(found.reasons) == len(feed.decoder.points)
        assert all(value is None or abs(value) < float("inf") for value in found.values)
        return tuple(sorted(set(found.reasons)))

    return Target("registers", seeds, door, 130, 300)


# --- the disk of a cabinet --------------------------------------------------------------------------------------------


def _spool(folder: Path) -> Target:
    """A spool whose files were spoilt: what is whole comes out, what is not is counted, and it goes on."""
    origin = Origin("demo", "e1", 7, simulated=True)

    spool = Spool(folder, 7)
    for seq in range(1, 7):
        pending = Pending(origin, 30_000)
        pending.add(Batch("m0", 1_000 + seq, 1_000, ["t", "u"], [float(seq), None], [0, 3]))
        spool.append([stored(frame) for frame in pending.close(seq, 2_000 + seq, even_empty=False)])
    spool.synced(6)
    spool.close()
    file = next(folder.glob("*.frames"))
    spoilt = pack(b"\x01" * 40)  # whole as a record, and no frame
    return Target(
        "spool", [file.read_bytes(), spoilt, file.read_bytes() + spoilt], _opened(folder, origin, file.name), 3
    )


def _journal(folder: Path) -> Target:
    origin = Origin("demo", "e1", 7, simulated=True)
    batch = Batch("m0", 1_000, 1_000, ["t", "u"], [1.0, None], [0, 3])
    seed = b"".join(pack(seq.to_bytes(8, "little") + encode_batch(batch)) for seq in (1, 1, 2))
    return Target("journal", [seed], _opened(folder, origin, "journal"), 1)


def _opened(folder: Path, origin: Origin, name: str) -> Door:
    def door(data: bytes) -> Hashable:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        (folder / name).write_bytes(data)
        spool = Spool(folder, 7)
        with closing(spool):
            rescued = recover(spool, origin, 30_000, 2_000)
            spool.append([])
            taken = 0
            while (found := spool.take(-(2**40))) is not None:
                wire_frame.as_text(found.payload)
                spool.arrived(found.seq)
                taken += 1
            return min(rescued, 9), min(taken, 9), spool.lost_bytes > 0

    return door


@contextmanager
def closing(spool: Spool) -> Iterator[None]:
    """Its lock must be gone before the next input."""
    try:
        yield
    finally:
        spool.close()


# --- files of people --------------------------------------------------------------------------------------------------


def _expressions() -> Target:
    seeds = [b"a > 1 and not (b.c == 2 or d <= -3.5)", b"max(x, y) - 2 * z >= 0.5", b"pump == running"]

    def door(data: bytes) -> Hashable:
        try:
            return type(expression_parse.parse(data.decode("utf-8", "replace"))).__name__
        except ValueError as error:
            return str(error)[:20]

    return Target("expression", seeds, door, 30, 400)


def _loaders(site: Site, packs: dict[str, Pack]) -> Iterator[Target]:
    folder = shipped("sites") / "demo"
    reads: dict[str, Callable[[str], tuple[object, Sequence[object]]]] = {
        "site.toml": lambda text: site_load.load("site.toml", text, packs),
        "org.toml": lambda text: org_load.load("org.toml", text, site.file, packs),
        "duties.toml": lambda text: duties_load.load("duties.toml", text, site),
        "channels.toml": lambda text: oncall_load.load_channels("channels.toml", text, site.org, site.file.edge),
        "oncall.toml": lambda text: oncall_load.load("oncall.toml", text, site.org, None, site.file.timezone),
    }
    for name, read in reads.items():
        yield Target(name, _pieces((folder / name).read_bytes()), _problems(read), 0.5, 6_000)
    sla = (shipped("packs") / "common" / "sla.toml").read_bytes()
    yield Target("sla.toml", _pieces(sla), _problems(lambda text: sla_load.load("sla.toml", text, packs)), 0.5, 6_000)


def _packs() -> Iterator[Target]:
    """One file of a small pack is spoilt, the rest is as it was."""
    files = pack_files()
    for name, text in files.items():
        if name.endswith(".toml"):
            door = _problems(lambda changed, name=name: pack_load.load(files | {name: changed}))  # type: ignore[misc]
            yield Target(f"pack {name}", [text.encode()], door, 3 / len(files), 6_000)


def _problems(read: Callable[[str], tuple[object, Sequence[object]]]) -> Door:
    def door(data: bytes) -> Hashable:
        found, problems = read(data.decode("utf-8", "replace"))
        assert found is not None or problems, "refused without a reason"
        return tuple(sorted({str(getattr(problem, "code", "")) for problem in problems}))[:4]

    return door


def _pieces(data: bytes) -> list[bytes]:
    """A long file as pieces that begin at a table, each small enough to be read often, and the head before each."""
    parts = data.split(b"\n[[")
    head, rest = parts[0][:1_500], parts[1:]
    return [head, *(head + b"\n[[" + b"\n[[".join(rest[at : at + 3])[:3_000] for at in range(0, min(len(rest), 60), 3))]
