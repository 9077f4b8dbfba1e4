CREATE TABLE access_keys (
	digest VARCHAR(64) NOT NULL, 
	site VARCHAR(64) NOT NULL, 
	id VARCHAR(16) NOT NULL, 
	kind VARCHAR(20) NOT NULL, 
	account VARCHAR(64), 
	parent VARCHAR(64), 
	name VARCHAR(200) NOT NULL, 
	scopes TEXT NOT NULL, 
	place VARCHAR(64) NOT NULL, 
	created_ms BIGINT NOT NULL, 
	created_by VARCHAR(200) NOT NULL, 
	expires_ms BIGINT, 
	used_ms BIGINT, 
	ended_ms BIGINT, 
	PRIMARY KEY (digest)
)
;
CREATE TABLE accounts (
	site VARCHAR(64) NOT NULL, 
	id VARCHAR(64) NOT NULL, 
	name_en VARCHAR(200) NOT NULL, 
	name_zh VARCHAR(200) NOT NULL, 
	password VARCHAR(300) NOT NULL, 
	rights TEXT NOT NULL, 
	must_change BOOLEAN NOT NULL, 
	disabled BOOLEAN NOT NULL, 
	created_ms BIGINT NOT NULL, 
	changed_ms BIGINT NOT NULL, 
	PRIMARY KEY (site, id)
)
;
CREATE TABLE "alarms" (
	site VARCHAR(64) NOT NULL, 
	id VARCHAR(200) NOT NULL, 
	asset VARCHAR(200) NOT NULL, 
	rule VARCHAR(200) NOT NULL, 
	hazard VARCHAR(200) NOT NULL, 
	verdict INTEGER NOT NULL, 
	phase INTEGER NOT NULL, 
	state INTEGER NOT NULL, 
	held INTEGER NOT NULL, 
	at_ms BIGINT, 
	since_ms BIGINT, 
	frozen_ms BIGINT, 
	ready_ms BIGINT, 
	due_ms BIGINT, 
	raised_ms BIGINT, 
	cleared_ms BIGINT, 
	acked_ms BIGINT, 
	value FLOAT, 
	peak FLOAT, 
	acked_by VARCHAR(200), 
	hidden INTEGER DEFAULT '0' NOT NULL, 
	beneath INTEGER DEFAULT '0' NOT NULL, 
	veil_ms BIGINT, 
	shelf_ms BIGINT, 
	first_out BOOLEAN DEFAULT 0 NOT NULL, 
	PRIMARY KEY (site, id)
)
;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
)
;
CREATE TABLE attachments (
	id INTEGER NOT NULL, 
	site VARCHAR(64) NOT NULL, 
	ticket INTEGER NOT NULL, 
	at_ms BIGINT NOT NULL, 
	actor VARCHAR(200) NOT NULL, 
	sha256 VARCHAR(64) NOT NULL, 
	media_type VARCHAR(200) NOT NULL, 
	size INTEGER NOT NULL, 
	name VARCHAR(200) NOT NULL, 
	note TEXT NOT NULL, phase VARCHAR(16) DEFAULT '' NOT NULL, pair INTEGER, 
	PRIMARY KEY (id), 
	FOREIGN KEY(ticket) REFERENCES tickets (id)
)
;
CREATE TABLE audit (
	site VARCHAR(64) NOT NULL, 
	seq BIGINT NOT NULL, 
	previous VARCHAR(64) NOT NULL, 
	body TEXT NOT NULL, 
	hash VARCHAR(64) NOT NULL, 
	PRIMARY KEY (site, seq)
)
;
CREATE TABLE books (
	site VARCHAR(64) NOT NULL, 
	name VARCHAR(200) NOT NULL, 
	digest VARCHAR(64) NOT NULL, 
	data BLOB NOT NULL, 
	PRIMARY KEY (site, name)
)
;
CREATE TABLE calls (
	id INTEGER NOT NULL, 
	site VARCHAR(64) NOT NULL, 
	kind VARCHAR(200) NOT NULL, 
	subject VARCHAR(200) NOT NULL, 
	number INTEGER NOT NULL, 
	ticket INTEGER, 
	at_ms BIGINT NOT NULL, 
	why VARCHAR(200) NOT NULL, 
	priority INTEGER NOT NULL, 
	policy VARCHAR(200) NOT NULL, 
	late BOOLEAN NOT NULL, 
	drill BOOLEAN NOT NULL, 
	person VARCHAR(200), 
	text_en TEXT, 
	text_zh TEXT, 
	deadline_ms BIGINT, 
	acked_ms BIGINT, 
	acked_by VARCHAR(200), 
	acked_how VARCHAR(200), 
	ended_ms BIGINT, 
	ended_why VARCHAR(200), 
	PRIMARY KEY (id)
)
;
CREATE TABLE catch_ups (
	site VARCHAR(64) NOT NULL, 
	name VARCHAR(200) NOT NULL, 
	edge VARCHAR(200) NOT NULL, 
	epoch BIGINT NOT NULL, 
	first BIGINT NOT NULL, 
	last BIGINT NOT NULL, 
	at_epoch BIGINT NOT NULL, 
	at_seq BIGINT NOT NULL, 
	at_ms BIGINT NOT NULL, 
	digest VARCHAR(64) NOT NULL, 
	data BLOB NOT NULL, 
	PRIMARY KEY (site, name)
)
;
CREATE TABLE channel_states (
	site VARCHAR(64) NOT NULL, 
	channel VARCHAR(64) NOT NULL, 
	config VARCHAR(64) NOT NULL, 
	disabled_ms BIGINT, 
	wait_until_ms BIGINT, 
	reason TEXT, 
	PRIMARY KEY (site, channel)
)
;
CREATE TABLE deliveries (
	id INTEGER NOT NULL, 
	site VARCHAR(64) NOT NULL, 
	channel VARCHAR(64) NOT NULL, 
	at_ms BIGINT NOT NULL, 
	pages TEXT NOT NULL, 
	done_ms BIGINT, 
	outcome TEXT, 
	PRIMARY KEY (id)
)
;
CREATE TABLE drills (
	id INTEGER NOT NULL, 
	site VARCHAR(64) NOT NULL, 
	edge VARCHAR(200) NOT NULL, 
	instance INTEGER NOT NULL, 
	"by" VARCHAR(200) NOT NULL, 
	ordered_ms BIGINT NOT NULL, 
	until_ms BIGINT NOT NULL, 
	sent_ms BIGINT, 
	ticket INTEGER, 
	measured_ms BIGINT, 
	raised_ms BIGINT, 
	opened_ms BIGINT, 
	paged_ms BIGINT, 
	channel VARCHAR(200), 
	acked_ms BIGINT, 
	acked_by VARCHAR(200), 
	ended_ms BIGINT, 
	outcome VARCHAR(200), by_channel VARCHAR(200), quiet_ms BIGINT, 
	PRIMARY KEY (id), 
	FOREIGN KEY(instance) REFERENCES duty_instances (id), 
	FOREIGN KEY(ticket) REFERENCES tickets (id)
)
;
CREATE TABLE duty_clocks (
	site VARCHAR(64) NOT NULL, 
	schedule VARCHAR(200) NOT NULL, 
	subject VARCHAR(200) NOT NULL, 
	since_ms BIGINT NOT NULL, 
	until_ms BIGINT NOT NULL, 
	PRIMARY KEY (site, schedule, subject)
)
;
CREATE TABLE duty_events (
	id INTEGER NOT NULL, 
	site VARCHAR(64) NOT NULL, 
	instance INTEGER NOT NULL, 
	at_ms BIGINT NOT NULL, 
	recorded_ms BIGINT NOT NULL, 
	what VARCHAR(200) NOT NULL, 
	"by" VARCHAR(200), 
	note TEXT NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(instance) REFERENCES duty_instances (id)
)
;
CREATE TABLE duty_instances (
	id INTEGER NOT NULL, 
	site VARCHAR(64) NOT NULL, 
	schedule VARCHAR(200) NOT NULL, 
	subject VARCHAR(200) NOT NULL, 
	due_from_ms BIGINT NOT NULL, 
	due_to_ms BIGINT NOT NULL, 
	overdue_ms BIGINT NOT NULL, 
	state VARCHAR(200) NOT NULL, 
	began_ms BIGINT, 
	began_by VARCHAR(200), 
	done_ms BIGINT, 
	done_by VARCHAR(200), 
	proof VARCHAR(200), 
	photo VARCHAR(64), 
	ticket INTEGER, score FLOAT, score_of FLOAT, passed BOOLEAN, points TEXT, 
	PRIMARY KEY (id), 
	FOREIGN KEY(ticket) REFERENCES tickets (id)
)
;
CREATE TABLE duty_levels (
	site VARCHAR(64) NOT NULL, 
	asset VARCHAR(200) NOT NULL, 
	point VARCHAR(200) NOT NULL, 
	peak FLOAT NOT NULL, 
	at_ms BIGINT NOT NULL, 
	PRIMARY KEY (site, asset, point)
)
;
CREATE TABLE duty_triggers (
	id INTEGER NOT NULL, 
	site VARCHAR(64) NOT NULL, 
	"trigger" VARCHAR(200) NOT NULL, 
	label TEXT NOT NULL, 
	at_ms BIGINT NOT NULL, 
	"by" VARCHAR(200) NOT NULL, 
	note TEXT NOT NULL, 
	ended_ms BIGINT, 
	ended_by VARCHAR(200), 
	PRIMARY KEY (id)
)
;
CREATE TABLE edge_events (
	site VARCHAR(64) NOT NULL, 
	edge VARCHAR(200) NOT NULL, 
	alarm VARCHAR(200) NOT NULL, 
	at_ms BIGINT NOT NULL, 
	new VARCHAR(200) NOT NULL, 
	old VARCHAR(200) NOT NULL, 
	because VARCHAR(200) NOT NULL, 
	value FLOAT, 
	epoch BIGINT NOT NULL, 
	seq BIGINT NOT NULL, 
	told_ms BIGINT NOT NULL, 
	frame_epoch BIGINT NOT NULL, 
	frame_seq BIGINT NOT NULL, 
	action TEXT NOT NULL, 
	received_ms BIGINT NOT NULL, 
	state VARCHAR(20) NOT NULL, 
	judged_ms BIGINT, 
	ticket INTEGER, 
	PRIMARY KEY (site, edge, alarm, at_ms, new), 
	FOREIGN KEY(ticket) REFERENCES tickets (id)
)
;
CREATE TABLE edges (
	site VARCHAR(64) NOT NULL, 
	edge VARCHAR(200) NOT NULL, 
	state VARCHAR(200) NOT NULL, 
	state_ms BIGINT, 
	heard_ms BIGINT, 
	epoch BIGINT, 
	seq BIGINT, 
	ts_ms BIGINT, 
	received_ms BIGINT, 
	is_late BOOLEAN NOT NULL, 
	PRIMARY KEY (site, edge)
)
;
CREATE TABLE emptyings (
	site VARCHAR(64) NOT NULL, 
	asset VARCHAR(200) NOT NULL, 
	point VARCHAR(200) NOT NULL, 
	at_ms BIGINT NOT NULL, 
	fall FLOAT NOT NULL, 
	PRIMARY KEY (site, asset, point, at_ms)
)
;
CREATE TABLE evidence (
	id INTEGER NOT NULL, 
	ticket INTEGER NOT NULL, 
	at_ms BIGINT NOT NULL, 
	recorded_ms BIGINT NOT NULL, 
	alarm VARCHAR(200), 
	en TEXT NOT NULL, 
	zh TEXT NOT NULL, 
	point VARCHAR(200), 
	value FLOAT, 
	unit VARCHAR(200), 
	PRIMARY KEY (id), 
	FOREIGN KEY(ticket) REFERENCES tickets (id)
)
;
CREATE TABLE handovers (
	id INTEGER NOT NULL, 
	site VARCHAR(64) NOT NULL, 
	roster VARCHAR(200) NOT NULL, 
	at_ms BIGINT NOT NULL, 
	"by" VARCHAR(200) NOT NULL, 
	"to" VARCHAR(200) NOT NULL, 
	note TEXT NOT NULL, 
	open_tickets TEXT NOT NULL, 
	confirmed_by VARCHAR(200), 
	confirmed_ms BIGINT, 
	PRIMARY KEY (id)
)
;
CREATE TABLE hauls (
	id INTEGER NOT NULL, 
	site VARCHAR(64) NOT NULL, 
	haul VARCHAR(200) NOT NULL, 
	pool VARCHAR(200) NOT NULL, 
	emptied_ms BIGINT NOT NULL, 
	fall FLOAT NOT NULL, 
	instance INTEGER, 
	due_ms BIGINT NOT NULL, 
	lost_ms BIGINT NOT NULL, 
	arrived_ms BIGINT, 
	weight FLOAT, 
	ticket INTEGER, 
	PRIMARY KEY (id), 
	FOREIGN KEY(instance) REFERENCES duty_instances (id), 
	FOREIGN KEY(ticket) REFERENCES tickets (id)
)
;
CREATE TABLE heartbeats (
	site VARCHAR(64) NOT NULL, 
	id VARCHAR(64) NOT NULL, 
	looked_ms BIGINT NOT NULL, 
	sent_ms BIGINT, 
	PRIMARY KEY (site, id)
)
;
CREATE TABLE hidings (
	id INTEGER NOT NULL, 
	site VARCHAR(64) NOT NULL, 
	alarm VARCHAR(200) NOT NULL, 
	how VARCHAR(200) NOT NULL, 
	"by" VARCHAR(200) NOT NULL, 
	why TEXT NOT NULL, 
	permit VARCHAR(200), 
	asked_ms BIGINT NOT NULL, 
	second VARCHAR(200), 
	from_ms BIGINT, 
	until_ms BIGINT NOT NULL, 
	renewals INTEGER NOT NULL, 
	ended_ms BIGINT, 
	ended_by VARCHAR(200), 
	PRIMARY KEY (id)
)
;
CREATE TABLE layouts (
	site VARCHAR(64) NOT NULL, 
	digest VARCHAR(64) NOT NULL, 
	names BLOB NOT NULL, 
	PRIMARY KEY (site, digest)
)
;
CREATE TABLE link_keys (
	id INTEGER NOT NULL, 
	site VARCHAR(64) NOT NULL, 
	secret BLOB NOT NULL, 
	created_ms BIGINT NOT NULL, 
	PRIMARY KEY (id)
)
;
CREATE TABLE loads (
	site VARCHAR(64) NOT NULL, 
	asset VARCHAR(200) NOT NULL, 
	at_ms BIGINT NOT NULL, 
	weight FLOAT NOT NULL, 
	route VARCHAR(200), 
	PRIMARY KEY (site, asset, at_ms)
)
;
CREATE TABLE marks (
	site VARCHAR(64) NOT NULL, 
	edge VARCHAR(200) NOT NULL, 
	epoch BIGINT NOT NULL, 
	high BIGINT NOT NULL, 
	gaps TEXT NOT NULL, 
	PRIMARY KEY (site, edge, epoch)
)
;
CREATE TABLE modes (
	id INTEGER NOT NULL, 
	site VARCHAR(64) NOT NULL, 
	mode VARCHAR(200) NOT NULL, 
	level INTEGER NOT NULL, 
	why TEXT NOT NULL, 
	agreed TEXT NOT NULL, 
	asked_ms BIGINT NOT NULL, 
	begun_ms BIGINT, 
	end_agreed TEXT NOT NULL, 
	end_why TEXT NOT NULL, 
	ended_ms BIGINT, 
	summary TEXT, 
	PRIMARY KEY (id)
)
;
CREATE TABLE numbers (
	site VARCHAR(64) NOT NULL, 
	day VARCHAR(8) NOT NULL, 
	last INTEGER NOT NULL, 
	PRIMARY KEY (site, day)
)
;
CREATE TABLE outages (
	id INTEGER NOT NULL, 
	site VARCHAR(64) NOT NULL, 
	parent VARCHAR(200) NOT NULL, 
	alarm VARCHAR(200) NOT NULL, 
	began_ms BIGINT NOT NULL, 
	raised_ms BIGINT NOT NULL, 
	back_ms BIGINT, 
	closed_ms BIGINT, 
	"before" TEXT NOT NULL, 
	difference TEXT, 
	PRIMARY KEY (id)
)
;
CREATE TABLE pages (
	id INTEGER NOT NULL, 
	site VARCHAR(64) NOT NULL, 
	call INTEGER NOT NULL, 
	ticket INTEGER, 
	step INTEGER NOT NULL, 
	round INTEGER NOT NULL, 
	person VARCHAR(200) NOT NULL, 
	channel VARCHAR(64) NOT NULL, 
	address VARCHAR(200) NOT NULL, 
	others TEXT NOT NULL, 
	due_ms BIGINT NOT NULL, 
	state VARCHAR(200) NOT NULL, 
	attempts INTEGER NOT NULL, 
	next_ms BIGINT NOT NULL, 
	receipt TEXT, 
	reason TEXT, 
	created_ms BIGINT NOT NULL, 
	sent_ms BIGINT, 
	acked_ms BIGINT, 
	text_en TEXT NOT NULL, 
	text_zh TEXT NOT NULL, 
	priority INTEGER NOT NULL, 
	drill BOOLEAN NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(call) REFERENCES calls (id)
)
;
CREATE TABLE path_proofs (
	site VARCHAR(64) NOT NULL, 
	channel VARCHAR(64) NOT NULL, 
	since_ms BIGINT NOT NULL, 
	tried_ms BIGINT, 
	proven_ms BIGINT, 
	sent_ms BIGINT, 
	drill INTEGER, 
	person VARCHAR(200), 
	how VARCHAR(200), 
	ticket INTEGER, 
	asked_ms BIGINT, 
	PRIMARY KEY (site, channel)
)
;
CREATE TABLE plant_days (
	site VARCHAR(64) NOT NULL, 
	plant VARCHAR(200) NOT NULL, 
	day VARCHAR(10) NOT NULL, 
	rounds INTEGER NOT NULL, 
	ticket INTEGER, 
	PRIMARY KEY (site, plant, day), 
	FOREIGN KEY(ticket) REFERENCES tickets (id)
)
;
CREATE TABLE report_sends (
	id INTEGER NOT NULL, 
	site VARCHAR(64) NOT NULL, 
	report INTEGER NOT NULL, 
	to_unit VARCHAR(200) NOT NULL, 
	sent_ms BIGINT NOT NULL, 
	sent_by VARCHAR(200) NOT NULL, 
	receipt TEXT NOT NULL, 
	received_by VARCHAR(200), 
	received_ms BIGINT, 
	PRIMARY KEY (id), 
	FOREIGN KEY(report) REFERENCES reports (id)
)
;
CREATE TABLE reports (
	id INTEGER NOT NULL, 
	site VARCHAR(64) NOT NULL, 
	instance INTEGER NOT NULL, 
	schedule VARCHAR(200) NOT NULL, 
	unit VARCHAR(200) NOT NULL, 
	from_ms BIGINT NOT NULL, 
	to_ms BIGINT NOT NULL, 
	zero BOOLEAN NOT NULL, 
	texts TEXT NOT NULL, 
	numbers TEXT NOT NULL, 
	note TEXT NOT NULL, 
	state VARCHAR(200) NOT NULL, 
	prepared_by VARCHAR(200) NOT NULL, 
	submitted_ms BIGINT NOT NULL, 
	reviewed_by VARCHAR(200), 
	reviewed_ms BIGINT, 
	review_note TEXT NOT NULL, 
	ticket INTEGER, 
	PRIMARY KEY (id), 
	FOREIGN KEY(instance) REFERENCES duty_instances (id), 
	FOREIGN KEY(ticket) REFERENCES tickets (id)
)
;
CREATE TABLE roster_changes (
	id INTEGER NOT NULL, 
	site VARCHAR(64) NOT NULL, 
	roster VARCHAR(200) NOT NULL, 
	person VARCHAR(200) NOT NULL, 
	instead_of VARCHAR(200) NOT NULL, 
	from_ms BIGINT NOT NULL, 
	to_ms BIGINT NOT NULL, 
	back_from_ms BIGINT, 
	back_to_ms BIGINT, 
	"by" VARCHAR(200) NOT NULL, 
	note TEXT NOT NULL, 
	created_ms BIGINT NOT NULL, 
	state VARCHAR(200) NOT NULL, 
	decided_by VARCHAR(200), 
	decided_ms BIGINT, 
	PRIMARY KEY (id)
)
;
CREATE TABLE rule_backtests (
	id INTEGER NOT NULL, 
	version INTEGER NOT NULL, 
	state VARCHAR(20) NOT NULL, 
	"by" VARCHAR(200) NOT NULL, 
	from_ms BIGINT, 
	to_ms BIGINT, 
	started_ms BIGINT NOT NULL, 
	ended_ms BIGINT, 
	error TEXT, 
	text_digest VARCHAR(64), 
	base_digest VARCHAR(64), 
	covered_ms BIGINT, 
	result BLOB, 
	PRIMARY KEY (id), 
	FOREIGN KEY(version) REFERENCES rule_versions (id)
)
;
CREATE TABLE rule_version_moves (
	id INTEGER NOT NULL, 
	version INTEGER NOT NULL, 
	old VARCHAR(20), 
	new VARCHAR(20) NOT NULL, 
	at_ms BIGINT NOT NULL, 
	"by" VARCHAR(200) NOT NULL, 
	why TEXT NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(version) REFERENCES rule_versions (id)
)
;
CREATE TABLE rule_versions (
	id INTEGER NOT NULL, 
	site VARCHAR(64) NOT NULL, 
	file VARCHAR(200) NOT NULL, 
	text TEXT NOT NULL, 
	text_digest VARCHAR(64) NOT NULL, 
	base_digest VARCHAR(64) NOT NULL, 
	diff TEXT NOT NULL, 
	author VARCHAR(200) NOT NULL, 
	reason TEXT NOT NULL, 
	created_ms BIGINT NOT NULL, 
	state VARCHAR(20) NOT NULL, 
	state_ms BIGINT NOT NULL, 
	shadow_ms BIGINT, 
	live_ms BIGINT, 
	PRIMARY KEY (id)
)
;
CREATE TABLE sample_items (
	id INTEGER NOT NULL, 
	site VARCHAR(64) NOT NULL, 
	sample INTEGER NOT NULL, 
	item VARCHAR(200) NOT NULL, 
	unit VARCHAR(200) NOT NULL, 
	"trigger" INTEGER NOT NULL, 
	outcome VARCHAR(200), 
	checked_ms BIGINT, 
	checked_by VARCHAR(200), 
	note TEXT NOT NULL, 
	ticket INTEGER, 
	PRIMARY KEY (id), 
	FOREIGN KEY(sample) REFERENCES samples (id), 
	FOREIGN KEY("trigger") REFERENCES duty_triggers (id), 
	FOREIGN KEY(ticket) REFERENCES tickets (id)
)
;
CREATE TABLE samples (
	id INTEGER NOT NULL, 
	site VARCHAR(64) NOT NULL, 
	campaign VARCHAR(200) NOT NULL, 
	seed VARCHAR(64) NOT NULL, 
	rule TEXT NOT NULL, 
	population TEXT NOT NULL, 
	drawn_ms BIGINT NOT NULL, 
	drawn_by VARCHAR(200) NOT NULL, 
	note TEXT NOT NULL, 
	PRIMARY KEY (id)
)
;
CREATE TABLE shadow_transitions (
	id INTEGER NOT NULL, 
	version INTEGER NOT NULL, 
	alarm VARCHAR(200) NOT NULL, 
	old VARCHAR(200) NOT NULL, 
	new VARCHAR(200) NOT NULL, 
	at_ms BIGINT NOT NULL, 
	recorded_ms BIGINT NOT NULL, 
	because VARCHAR(200) NOT NULL, 
	value FLOAT, 
	late BOOLEAN NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(version) REFERENCES rule_versions (id)
)
;
CREATE TABLE sign_in_failures (
	site VARCHAR(64) NOT NULL, 
	"key" VARCHAR(64) NOT NULL, 
	count INTEGER NOT NULL, 
	last_ms BIGINT NOT NULL, 
	PRIMARY KEY (site, "key")
)
;
CREATE TABLE sign_in_places (
	site VARCHAR(64) NOT NULL, 
	account VARCHAR(64) NOT NULL, 
	address VARCHAR(100) NOT NULL, 
	at_ms BIGINT NOT NULL, 
	PRIMARY KEY (site, account, address)
)
;
CREATE TABLE stock_moves (
	id INTEGER NOT NULL, 
	site VARCHAR(64) NOT NULL, 
	item VARCHAR(200) NOT NULL, 
	change FLOAT NOT NULL, 
	level FLOAT NOT NULL, 
	at_ms BIGINT NOT NULL, 
	"by" VARCHAR(200) NOT NULL, 
	note TEXT NOT NULL, 
	PRIMARY KEY (id)
)
;
CREATE TABLE ticket_events (
	id INTEGER NOT NULL, 
	site VARCHAR(64) NOT NULL, 
	ticket INTEGER NOT NULL, 
	at_ms BIGINT NOT NULL, 
	verb VARCHAR(200) NOT NULL, 
	actor VARCHAR(200) NOT NULL, 
	old VARCHAR(200) NOT NULL, 
	new VARCHAR(200) NOT NULL, 
	approver VARCHAR(200) NOT NULL, 
	note TEXT NOT NULL, 
	payload TEXT NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(ticket) REFERENCES tickets (id)
)
;
CREATE TABLE "tickets" (
	id INTEGER NOT NULL, 
	site VARCHAR(64) NOT NULL, 
	number VARCHAR(100) NOT NULL, 
	asset VARCHAR(200) NOT NULL, 
	kind VARCHAR(200) NOT NULL, 
	hazard VARCHAR(200) NOT NULL, 
	category VARCHAR(200) NOT NULL, 
	grade VARCHAR(200) NOT NULL, 
	priority INTEGER NOT NULL, 
	state VARCHAR(200) NOT NULL, 
	rule VARCHAR(200) NOT NULL, 
	title_en TEXT NOT NULL, 
	title_zh TEXT NOT NULL, 
	grid VARCHAR(200) NOT NULL, 
	opened_ms BIGINT NOT NULL, 
	raised_ms BIGINT NOT NULL, 
	acked_ms BIGINT, 
	acked_by VARCHAR(200), 
	closed_ms BIGINT, 
	late BOOLEAN NOT NULL, 
	source VARCHAR(200) DEFAULT 'sensor' NOT NULL, 
	lead_unit VARCHAR(200) DEFAULT '' NOT NULL, 
	rectifier VARCHAR(200) DEFAULT '' NOT NULL, 
	proof VARCHAR(200) DEFAULT 'none' NOT NULL, 
	assist_units TEXT DEFAULT '[]' NOT NULL, 
	interim TEXT DEFAULT '' NOT NULL, 
	accepted TEXT DEFAULT '[]' NOT NULL, 
	overdue TEXT DEFAULT '' NOT NULL, 
	text TEXT DEFAULT '' NOT NULL, 
	address TEXT DEFAULT '' NOT NULL, 
	"plan" TEXT, 
	upward TEXT, 
	rating_note TEXT, 
	ack_due_ms BIGINT, 
	arrive_due_ms BIGINT, 
	due_ms BIGINT, 
	begun_ms BIGINT, 
	repaired_ms BIGINT, 
	good_since_ms BIGINT, 
	paused_ms BIGINT, 
	due_assumed BOOLEAN DEFAULT 0 NOT NULL, 
	"before" VARCHAR(200), 
	merged_into INTEGER, 
	reopened INTEGER DEFAULT '0' NOT NULL, 
	rating INTEGER, 
	latitude FLOAT, 
	longitude FLOAT, campaign VARCHAR(200), sector VARCHAR(200) DEFAULT '' NOT NULL, former TEXT DEFAULT '[]' NOT NULL, joint TEXT DEFAULT '[]' NOT NULL, outside_matrix BOOLEAN DEFAULT 0 NOT NULL, admission TEXT, 
	PRIMARY KEY (id)
)
;
CREATE TABLE tightenings (
	id INTEGER NOT NULL, 
	site VARCHAR(64) NOT NULL, 
	ticket INTEGER NOT NULL, 
	asset VARCHAR(200) NOT NULL, 
	from_ms BIGINT NOT NULL, 
	"by" VARCHAR(200) NOT NULL, 
	because VARCHAR(200) NOT NULL, 
	to_ms BIGINT, 
	PRIMARY KEY (id), 
	FOREIGN KEY(ticket) REFERENCES tickets (id)
)
;
CREATE TABLE "transitions" (
	id INTEGER NOT NULL, 
	site VARCHAR(64) NOT NULL, 
	alarm VARCHAR(200) NOT NULL, 
	asset VARCHAR(200) NOT NULL, 
	rule VARCHAR(200) NOT NULL, 
	old VARCHAR(200) NOT NULL, 
	new VARCHAR(200) NOT NULL, 
	at_ms BIGINT NOT NULL, 
	recorded_ms BIGINT NOT NULL, 
	because VARCHAR(200) NOT NULL, 
	value FLOAT, 
	"by" VARCHAR(200), 
	note TEXT, 
	late BOOLEAN NOT NULL, 
	peak FLOAT, 
	first_out BOOLEAN DEFAULT 0 NOT NULL, until_ms BIGINT, window INTEGER, 
	PRIMARY KEY (id)
)
;
CREATE TABLE waiting (
	site VARCHAR(64) NOT NULL, 
	edge VARCHAR(200) NOT NULL, 
	epoch BIGINT NOT NULL, 
	seq BIGINT NOT NULL, 
	frame BLOB NOT NULL, 
	PRIMARY KEY (site, edge, epoch, seq)
)
;
CREATE TABLE windows (
	id INTEGER NOT NULL, 
	site VARCHAR(64) NOT NULL, 
	"by" VARCHAR(200) NOT NULL, 
	reason TEXT NOT NULL, 
	scope TEXT NOT NULL, 
	created_ms BIGINT NOT NULL, 
	from_ms BIGINT NOT NULL, 
	to_ms BIGINT NOT NULL, 
	confirmed_by VARCHAR(200), 
	confirmed_ms BIGINT, 
	ended_ms BIGINT, 
	ended_by VARCHAR(200), 
	applied_ms BIGINT, 
	PRIMARY KEY (id)
)
;
CREATE TABLE zone_counts (
	site VARCHAR(64) NOT NULL, 
	place VARCHAR(200) NOT NULL, 
	day VARCHAR(10) NOT NULL, 
	cases INTEGER NOT NULL, 
	clusters INTEGER NOT NULL, 
	"by" VARCHAR(200) NOT NULL, 
	at_ms BIGINT NOT NULL, 
	PRIMARY KEY (site, place, day)
)
;
CREATE TABLE zone_grades (
	id INTEGER NOT NULL, 
	site VARCHAR(64) NOT NULL, 
	place VARCHAR(200) NOT NULL, 
	proposed VARCHAR(200) NOT NULL, 
	reading VARCHAR(200) NOT NULL, 
	because TEXT NOT NULL, 
	proposed_ms BIGINT NOT NULL, 
	grade VARCHAR(200), 
	confirmed_by VARCHAR(200), 
	confirmed_ms BIGINT, 
	note TEXT NOT NULL, 
	PRIMARY KEY (id)
)
;
CREATE INDEX access_keys_of_an_account ON access_keys (site, account)
;
CREATE INDEX alarms_of_a_hazard ON alarms (site, asset, hazard)
;
CREATE INDEX attachments_of_a_ticket ON attachments (ticket, id)
;
CREATE INDEX backtests_of_a_version ON rule_backtests (version, id)
;
CREATE INDEX calls_by_end ON calls (site, ended_ms)
;
CREATE UNIQUE INDEX calls_of_a_subject ON calls (site, kind, subject, number)
;
CREATE INDEX calls_of_a_ticket ON calls (ticket)
;
CREATE INDEX deliveries_of_a_channel ON deliveries (site, channel, at_ms)
;
CREATE INDEX drills_open ON drills (site, ended_ms)
;
CREATE INDEX duty_events_of_an_instance ON duty_events (instance, id)
;
CREATE INDEX duty_instances_by_state ON duty_instances (site, state, overdue_ms)
;
CREATE INDEX duty_instances_by_time ON duty_instances (site, due_to_ms)
;
CREATE INDEX duty_triggers_open ON duty_triggers (site, ended_ms)
;
CREATE INDEX edge_events_by_state ON edge_events (site, state)
;
CREATE INDEX edge_events_by_time ON edge_events (site, at_ms)
;
CREATE INDEX events_of_a_ticket ON ticket_events (ticket, id)
;
CREATE INDEX evidence_of_a_ticket ON evidence (ticket, id)
;
CREATE INDEX handovers_of_a_roster ON handovers (site, roster, at_ms)
;
CREATE INDEX hauls_on_their_way ON hauls (site, arrived_ms, emptied_ms)
;
CREATE INDEX hidings_of_an_alarm ON hidings (site, alarm, how)
;
CREATE INDEX modes_open ON modes (site, mode, ended_ms)
;
CREATE INDEX moves_of_a_version ON rule_version_moves (version, id)
;
CREATE UNIQUE INDEX one_duty_instance ON duty_instances (site, schedule, subject, due_from_ms)
;
CREATE UNIQUE INDEX one_haul_of_an_emptying ON hauls (site, haul, pool, emptied_ms)
;
CREATE UNIQUE INDEX one_item_of_a_sample ON sample_items (sample, item)
;
CREATE UNIQUE INDEX one_open_hiding ON hidings (site, alarm, how) WHERE ended_ms IS NULL
;
CREATE UNIQUE INDEX one_open_outage ON outages (site, parent) WHERE closed_ms IS NULL
;
CREATE UNIQUE INDEX one_open_ticket ON tickets (site, asset, hazard) WHERE closed_ms IS NULL AND asset <> ''
;
CREATE UNIQUE INDEX one_page ON pages (site, call, step, round, person, channel)
;
CREATE UNIQUE INDEX one_photo_of_a_pair ON attachments (ticket, pair, phase) WHERE pair IS NOT NULL
;
CREATE UNIQUE INDEX one_report_to_a_unit ON report_sends (report, to_unit)
;
CREATE INDEX pages_by_state ON pages (site, state, next_ms)
;
CREATE INDEX pages_of_a_ticket ON pages (ticket, id)
;
CREATE INDEX reports_by_time ON reports (site, submitted_ms)
;
CREATE INDEX reports_of_an_instance ON reports (instance)
;
CREATE INDEX roster_changes_by_end ON roster_changes (site, roster, to_ms)
;
CREATE INDEX rule_versions_of_a_site ON rule_versions (site, id)
;
CREATE INDEX sample_items_by_time ON sample_items (site, checked_ms)
;
CREATE UNIQUE INDEX sample_items_by_trigger ON sample_items ("trigger")
;
CREATE INDEX samples_of_a_campaign ON samples (site, campaign, id)
;
CREATE INDEX shadow_by_time ON shadow_transitions (version, at_ms)
;
CREATE INDEX sign_in_failures_by_time ON sign_in_failures (site, last_ms)
;
CREATE INDEX stock_moves_of_an_item ON stock_moves (site, item, id)
;
CREATE INDEX ticket_events_by_time ON ticket_events (site, at_ms)
;
CREATE UNIQUE INDEX ticket_numbers ON tickets (site, number)
;
CREATE INDEX tickets_by_time ON tickets (site, opened_ms)
;
CREATE INDEX tickets_of_a_campaign ON tickets (site, campaign)
;
CREATE INDEX tightenings_of_a_ticket ON tightenings (ticket, id)
;
CREATE INDEX tightenings_open ON tightenings (site, to_ms)
;
CREATE INDEX transitions_by_time ON transitions (site, at_ms)
;
CREATE INDEX transitions_of_an_asset ON transitions (site, asset, at_ms)
;
CREATE INDEX windows_by_end ON windows (site, to_ms)
;
CREATE INDEX zone_grades_of_a_place ON zone_grades (site, place, id)
;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is only ever added to'); END
;
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is only ever added to'); END
;
INSERT INTO alembic_version VALUES ('0019')
