import type { Evidence, RotationEvidence } from '#core/evidence/gather-rotations.ts';
import { sayDuration } from '#lib/duration.ts';

/* The report of an evidence bundle: one HTML file without scripts and without anything from elsewhere, made to be printed. */

export interface Heading {
  readonly query: string;
  readonly range: string;
  readonly madeAt: string;
  readonly madeBy: string;
  readonly version: string;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text that a browser shows as it is, whatever stands in it. */
export const escapeHtml = (text: string) => text.replaceAll(/[&<>"']/g, (one) => entities[one] ?? one);

const cell = (value: string | number | null) => escapeHtml(String(value ?? '—'));
const row = (name: string, value: string | number | null) => `<dt>${cell(name)}</dt><dd>${cell(value)}</dd>`;

function table(head: readonly string[], rows: readonly (readonly (string | number | null)[])[]): string {
  const line = (cells: readonly (string | number | null)[]) =>
    `<tr>${cells.map((one) => `<td>${cell(one)}</td>`).join('')}</tr>`;
  return `<table><thead><tr>${head.map((one) => `<th scope="col">${cell(one)}</th>`).join('')}</tr></thead>
<tbody>${rows.map(line).join('\n')}</tbody></table>`;
}

const styles = `
:root { color-scheme: light; }
body { font: 11pt/1.45 system-ui, sans-serif; color: #16191d; background: #fff; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.2rem; margin-top: 2rem; } h3 { font-size: 1rem; }
section { border-top: 1px solid #c8cfd8; padding-top: .5rem; }
dl { display: grid; grid-template-columns: 12rem 1fr; gap: .2rem 1rem; } dt { color: #545d69; } dd { margin: 0; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; font-size: .9em; } th, td { text-align: left; vertical-align: top; padding: .25rem .5rem; border: 1px solid #c8cfd8; overflow-wrap: anywhere; }
@media (max-width: 40rem) { dl { grid-template-columns: 1fr; } table { display: block; overflow-x: auto; } }
@media print { body { margin: 0; max-width: none; font-size: 10pt; } section, tr { break-inside: avoid; } thead { display: table-header-group; } @page { margin: 18mm; } }
`;

const seconds = (value: number | null) => (value === null ? 'none measured' : `${value} s`);

function outcomeOf({ outcome, hold }: RotationEvidence): string {
  return outcome?.replace('_', ' ') ?? (hold === null ? 'open' : `open, held: ${hold.replaceAll('_', ' ')}`);
}

function approvalsOf({ approvals, approvalsNeeded }: RotationEvidence): string {
  const given = approvals.map(({ name, at }) => `${name} (${at})`).join(', ');
  return approvalsNeeded === 0
    ? 'none needed'
    : `${approvals.length} of ${approvalsNeeded}${given && `: ${given}`}`;
}

/** What was out of the ordinary, and what of it cannot be told any more. */
function exceptionsOf({ exceptions, detached }: RotationEvidence): string {
  const before = detached.at(-1)?.before.slice(0, 10);
  const archives = detached.map(({ archive }) => archive).join(', ');
  const gone =
    before === undefined
      ? ''
      : `<p>Its events of before ${cell(before)} were detached (archive SHA-256 ${cell(archives)}): exceptions of that time are not listed.${exceptions.length === 0 ? ' Of later there is none.' : ''}</p>`;
  if (exceptions.length > 0) {
    const rows = exceptions.map(({ at, actor, action, what }) => [at, actor, action, what]);
    return gone + table(['Time', 'Actor', 'Event', 'What'], rows);
  }
  return gone || '<p>No exception: no step failed, nothing was held, and nobody overruled anything.</p>';
}

function rotationSection(rotation: RotationEvidence): string {
  return `<section><h2>Rotation of ${cell(rotation.requestedAt)}: ${cell(outcomeOf(rotation))}</h2><dl>
${row('Id', rotation.id)}${row('Requested by', rotation.requestedBy)}${row('Why', rotation.reason ?? 'no reason given')}
${row('Priority', rotation.priority)}${row('Strategy', rotation.strategy)}${row('Grace period', sayDuration(rotation.graceSeconds))}
${row('Requested at', rotation.requestedAt)}${row('Ended at', rotation.endedAt)}${row('Outcome', outcomeOf(rotation))}
${row('Gap predicted', `${rotation.predictedGapSeconds} s`)}${row('Gap measured', seconds(rotation.measuredGapSeconds))}
${row('Approvals', approvalsOf(rotation))}
${row('From version', rotation.fromVersion === null ? null : `v${rotation.fromVersion}`)}${row('To version', rotation.toVersion === null ? null : `v${rotation.toVersion}`)}
</dl><h3>Exceptions</h3>${exceptionsOf(rotation)}</section>`;
}

/** Which events are in no file of the bundle, and where they are. */
function detachedSection({ detached }: Evidence): string {
  if (detached.length === 0) return '';
  const rows = detached.map(({ firstSeq, lastSeq, before, at, by, archive }) => [
    `${firstSeq} to ${lastSeq}`,
    before.slice(0, 10),
    `${at} by ${by}`,
    archive,
  ]);
  return `<section><h2>Detached events</h2><p>Events of these places of the audit log are in no file of this bundle: they were taken to archives, of which
rekey audit check proves each line.</p>${table(['Places', 'Before', 'Detached', 'SHA-256 of the archive'], rows)}</section>`;
}

/** The whole report. Every text in it that came from outside is escaped. */
export function reportOf(heading: Heading, evidence: Evidence): string {
  const title = `Evidence for ${evidence.credential}`;
  const versions = evidence.versions.map((version) => [
    `v${version.n}`,
    version.state,
    version.fingerprint,
    version.createdAt,
    version.promotedAt,
    version.revokedAt,
    version.provenDeadAt,
  ]);
  const skips = evidence.skips.map(({ slot, reason }) => [slot, reason.replaceAll('_', ' ')]);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="content-security-policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${cell(title)}</title><style>${styles}</style></head><body>
<h1>${cell(title)}</h1><dl>
${row('Credential', evidence.credential)}${row('Issuer', evidence.issuer)}${row('Range (UTC)', heading.range)}
${row('Rotations', evidence.rotations.length)}${row('Events asked for', heading.query)}
${row('Made at', heading.madeAt)}${row('Made by', heading.madeBy)}${row('Made with', `Rekey ${heading.version}`)}
</dl><p>All times are UTC. A fingerprint is the beginning of a keyed hash and tells nothing about the value.</p>
${evidence.rotations.length === 0 ? '<p>No rotation in this time.</p>' : evidence.rotations.map(rotationSection).join('\n')}
<section><h2>Versions</h2>${table(['Version', 'State now', 'Fingerprint', 'Made', 'Promoted', 'Revoked', 'Proven dead'], versions)}</section>
${detachedSection(evidence)}
${skips.length === 0 ? '' : `<section><h2>Slots that did not start</h2>${table(['Slot', 'Why'], skips)}</section>`}
</body></html>
`;
}
