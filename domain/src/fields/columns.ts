/**
 * Fields with a typed column of their own: by how often parsers fill them and rules ask for them
 * (`docs/decisions/0002-event-table.md`). Everything else lives in the JSON column.
 */
export const COLUMN_NAMES: readonly string[] = `
message tags
event.kind event.category event.type event.outcome event.action event.code event.provider event.dataset event.module
event.severity event.reason event.id event.duration event.start event.end event.created event.timezone event.sequence
log.level log.syslog.priority log.syslog.appname log.logger log.file.path
related.ip related.user related.hosts related.hash
source.ip source.port source.address source.domain source.mac source.bytes source.packets source.nat.ip source.nat.port
source.geo.country_iso_code source.geo.city_name source.geo.region_name source.as.number source.as.organization.name
source.user.name source.user.id source.user.domain
destination.ip destination.port destination.address destination.domain destination.mac destination.bytes
destination.packets destination.nat.ip destination.nat.port destination.geo.country_iso_code
destination.geo.city_name destination.as.number destination.as.organization.name destination.user.name
client.ip client.address server.ip server.address
network.transport network.protocol network.application network.direction network.type network.iana_number
network.community_id network.bytes network.packets
user.name user.id user.domain user.email user.full_name user.roles user.target.name user.target.id user.target.domain
user.effective.name user.changes.name
group.id group.name
host.name host.hostname host.id host.ip host.mac host.os.type host.os.family host.os.name host.os.version
process.name process.pid process.executable process.command_line process.args process.entity_id
process.working_directory process.hash.md5 process.hash.sha1 process.hash.sha256 process.pe.original_file_name
process.parent.name process.parent.pid process.parent.executable process.parent.command_line process.parent.args
process.user.name
file.path file.name file.extension file.directory file.size file.hash.md5 file.hash.sha1 file.hash.sha256
registry.path registry.value registry.data.strings
url.original url.full url.scheme url.domain url.path url.query url.port
http.request.method http.response.status_code http.version http.request.referrer http.response.bytes
http.response.body.bytes
user_agent.original user_agent.name user_agent.os.name
dns.question.name dns.question.type dns.question.registered_domain dns.response_code dns.resolved_ip dns.answers.data
tls.version tls.cipher tls.client.server_name tls.client.ja3
rule.name rule.id rule.category rule.ruleset
threat.technique.id threat.tactic.name
observer.vendor observer.product observer.type observer.name observer.hostname observer.ingress.interface.name
observer.egress.interface.name observer.ingress.zone observer.egress.zone
organization.id organization.name
cloud.provider cloud.account.id cloud.region cloud.instance.id cloud.project.id cloud.service.name
container.id container.name service.name service.type agent.id
email.from.address email.to.address email.subject email.message_id
vulnerability.id vulnerability.severity error.message error.code
tyto.occurrences
`
  .trim()
  .split(/\s+/);
