"""Pure. Words for the evidence of a ticket: steps, states of a page, levels."""

from __future__ import annotations

from vocab.strict_toml import Text

VERBS = {
    "open": Text(en="opened", zh="立项登记"),
    "classify": Text(en="classified", zh="分类"),
    "grade": Text(en="graded", zh="分级"),
    "report_upward": Text(en="reported upward", zh="上报"),
    "received": Text(en="receipt of the report", zh="接收回执"),
    "plan": Text(en="treatment plan", zh="制定治理方案"),
    "dispatch": Text(en="dispatched", zh="交办"),
    "return": Text(en="returned", zh="退回"),
    "begin": Text(en="work begun", zh="开始整改"),
    "relieve": Text(en="passed to a colleague", zh="转交同事整改"),
    "interim": Text(en="interim control", zh="临时监控"),
    "repaired": Text(en="marked repaired", zh="整改完成"),
    "verified": Text(en="confirmed by the sensor", zh="传感器验证通过"),
    "refuted": Text(en="refuted by the sensor", zh="传感器验证未通过"),
    "supervise": Text(en="inspected", zh="督查"),
    "accept": Text(en="accepted", zh="验收通过"),
    "reject": Text(en="rejected", zh="验收不通过"),
    "write_off": Text(en="written off", zh="销号"),
    "evaluate": Text(en="evaluated", zh="评价"),
    "defer": Text(en="deferred", zh="挂账"),
    "resume": Text(en="resumed", zh="恢复整改"),
    "extend": Text(en="extended", zh="延期"),
    "escalate": Text(en="escalated", zh="升级"),
    "merge": Text(en="merged", zh="合并"),
    "discard": Text(en="discarded", zh="作废"),
    "reopen": Text(en="opened again", zh="重新立案"),
    "attach": Text(en="attached", zh="上传附件"),
    "acknowledge": Text(en="acknowledged", zh="确认"),
    "overdue": Text(en="overdue", zh="逾期"),
    "rate": Text(en="rated", zh="满意度评价"),
    "report": Text(en="reported by a resident too", zh="居民再次反映"),
}

STATES = {
    "due": Text(en="due", zh="待发"),
    "sending": Text(en="being sent", zh="发送中"),
    "sent": Text(en="sent", zh="已发送"),
    "failed": Text(en="failed", zh="失败"),
    "acked": Text(en="answered", zh="已确认"),
    "cancelled": Text(en="no longer needed", zh="已取消"),
    "digest": Text(en="in a digest", zh="并入汇总"),
}

LEVELS = {
    "district": Text(en="district", zh="区级"),
    "city": Text(en="city", zh="市级"),
    "acknowledge": Text(en="not acknowledged in time", zh="未按时确认"),
    "arrive": Text(en="not begun in time", zh="未按时到场"),
    "rectify": Text(en="not repaired in time", zh="未按时整改"),
}
