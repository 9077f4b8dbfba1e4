"""Pure. What people read in a ticket about Anlan itself."""

from __future__ import annotations

from vocab.self_watch import Measure, SelfWatch
from vocab.strict_toml import Text

_TITLES = {
    Measure.JUDGED_LATE_S: Text(en="Anlan judges readings late", zh="安澜报警判断滞后"),
    Measure.STORED_LATE_S: Text(en="Anlan stores readings late", zh="安澜数据入库滞后"),
    Measure.BROKER_AWAY_S: Text(en="Anlan hears nothing: the broker is away", zh="安澜收不到数据：消息服务器断开"),
    Measure.STORE_AWAY_S: Text(en="The store of readings stands still", zh="数据存储停止工作"),
    Measure.DISK_FREE_MIB: Text(en="Little disk space left", zh="服务器磁盘空间不足"),
    Measure.CLOCK_SKEW_S: Text(en="Clocks of cabinet and server differ", zh="采集柜与服务器时钟不一致"),
    Measure.BACKUP_AGE_S: Text(en="No recent backup", zh="长时间未备份"),
    Measure.OUTBOX_AGE_S: Text(en="Pages wait and are not sent", zh="呼叫积压未发出"),
}
_WHERE = {
    "alerts": Text(en="where tickets are kept", zh="工单库所在磁盘"),
    "ingest": Text(en="where readings are kept", zh="数据存储所在磁盘"),
}
_LINES = {
    Measure.JUDGED_LATE_S: Text(
        en="Readings are judged {value} after they were measured (limit {limit}); of a single cabinet, see its clock",
        zh="数据测得{value}后才完成判断（限值{limit}）；仅有一台采集柜时，也可能是其时钟偏慢",
    ),
    Measure.STORED_LATE_S: Text(
        en="Readings are stored {value} after they were measured (limit {limit}); alarms go on",
        zh="数据测得{value}后才入库（限值{limit}）；报警不受影响",
    ),
    Measure.BROKER_AWAY_S: Text(
        en="Not subscribed at the broker for {value} (limit {limit}); cabinets keep what they measure",
        zh="已{value}未连上消息服务器（限值{limit}）；数据由采集柜暂存",
    ),
    Measure.STORE_AWAY_S: Text(
        en="Ingest was not ready for {value} (limit {limit}){why}; alarms go on, the broker keeps what is not stored",
        zh="存储服务已{value}未就绪（限值{limit}）{why}；报警不受影响，未入库数据由消息服务器暂存",
    ),
    Measure.DISK_FREE_MIB: Text(en="{value} are free (limit {limit})", zh="剩余{value}（限值{limit}）"),
    Measure.CLOCK_SKEW_S: Text(
        en="They differ by {value} or more (limit {limit}): see which of them has lost its time source",
        zh="相差不少于{value}（限值{limit}），请检查哪一方失去授时",
    ),
    Measure.BACKUP_AGE_S: Text(
        en="The last backup is {value} old (limit {limit})", zh="上次备份距今{value}（限值{limit}）"
    ),
    Measure.OUTBOX_AGE_S: Text(
        en="The oldest page has waited for {value} (limit {limit})", zh="最早一条呼叫已等待{value}（限值{limit}）"
    ),
}
_NEVER = Text(
    en="No backup was ever made since this is watched, for {value} (limit {limit})",
    zh="自开始监测{value}以来从未备份（限值{limit}）",
)
_SPANS = ((86_400.0, "d", "天"), (3600.0, "h", "小时"), (60.0, "min", "分钟"))


def title(measure: Measure, subject: str, named: Text | None = None) -> Text:
    """What is wrong, and where: `named` is the name of a cabinet."""
    told, where = _TITLES[measure], named or _WHERE.get(subject)
    if where is None:
        return told
    return Text(en=f"{told.en}: {where.en}", zh=f"{told.zh}：{where.zh}")


def crossed(row: SelfWatch, value: float, why: str = "") -> Text:
    """The evidence. `why`: what the part itself says; of a backup, anything if there never was one."""
    text = _NEVER if row.measure is Measure.BACKUP_AGE_S and why else _LINES[row.measure]
    (en, zh), (limit_en, limit_zh) = told(row.measure, value), told(row.measure, row.limit)
    return Text(
        en=text.en.format(value=en, limit=limit_en, why=f": {why}" if why else ""),
        zh=text.zh.format(value=zh, limit=limit_zh, why=f"：{why}" if why else ""),
    )


def well(row: SelfWatch, value: float) -> Text:
    """The evidence that it is over."""
    (en, zh), (for_en, for_zh) = told(row.measure, value), _span(row.for_s)
    return Text(en=f"Measured well again for {for_en}: {en}", zh=f"已持续{for_zh}恢复正常：{zh}")


def told(measure: Measure, value: float) -> tuple[str, str]:
    """A value with its unit, in both languages."""
    if measure is Measure.DISK_FREE_MIB:
        return f"{value:,.0f} MiB", f"{value:,.0f} MiB"
    return _span(value)


def _span(seconds: float) -> tuple[str, str]:
    for length, en, zh in _SPANS:
        if seconds >= 2 * length:
            number = f"{seconds / length:.1f}".removesuffix(".0")
            return f"{number} {en}", f"{number}{zh}"
    return f"{seconds:.0f} s", f"{seconds:.0f}秒"
