import { createHash } from 'node:crypto';
import { channelByKey } from '../channels';
import type { LinkResult } from '../store/operations/agentLinks';
import type { Words } from './words';

/** A name may be anything; so much of it is shown. Characters. */
const LONGEST = 120;

const STYLE = `
:root{color-scheme:light dark;--paper:#f4f5f7;--card:#fff;--ink:#1d2129;--soft:#5b6472;--line:#d9dde3;--act:#0b6bcb;--on:#fff}
@media (prefers-color-scheme:dark){:root{--paper:#14161a;--card:#1e2127;--ink:#eceef2;--soft:#a3abb8;--line:#353a43;--act:#5aa9ff;--on:#0b1016}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;padding:1rem;background:var(--paper);color:var(--ink);font:1rem/1.5 system-ui,"Segoe UI",Roboto,"Noto Sans","Noto Sans Arabic",sans-serif}
main{width:100%;max-width:26rem;padding:1.75rem;background:var(--card);border:1px solid var(--line);border-radius:.75rem}
h1{margin:0 0 .5rem;font-size:1.3rem;line-height:1.3}
p{margin:0;color:var(--soft)}
dl{margin:1.25rem 0 0;padding-block-start:1rem;border-block-start:1px solid var(--line);display:grid;grid-template-columns:auto 1fr;gap:.35rem 1rem}
dt{color:var(--soft)}
dd{margin:0;font-weight:600;overflow-wrap:anywhere}
button{width:100%;margin-block-start:1.5rem;padding:.8rem 1rem;font:inherit;font-weight:600;color:var(--on);background:var(--act);border:0;border-radius:.5rem;cursor:pointer}
button:focus-visible{outline:3px solid var(--ink);outline-offset:2px}
`;

const styleHash = createHash('sha256').update(STYLE).digest('base64');

/**
 * The page asks nothing of any network, runs no script, is shown in no frame, and tells nobody where it
 * came from: its address is all that is needed to act.
 */
export const PAGE_HEADERS: Record<string, string> = {
	'Content-Security-Policy': `default-src 'none'; style-src 'sha256-${styleHash}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; sandbox allow-forms`,
	'Cache-Control': 'no-store',
	'Referrer-Policy': 'no-referrer',
	'X-Content-Type-Options': 'nosniff',
	'X-Frame-Options': 'DENY',
	'X-Robots-Tag': 'noindex, nofollow',
};

const ENTITIES: Record<string, string> = {
	'&': '&amp;',
	'<': '&lt;',
	'>': '&gt;',
	'"': '&quot;',
	"'": '&#39;',
};

export const escaped = (text: string) => text.replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? '');

/** Of whichever script, and whatever it does to the direction of the text, it stays within itself. */
const name = (text: string) => `<bdi>${escaped(shortened(text))}</bdi>`;

function shortened(text: string): string {
	const signs = [...text];
	return signs.length > LONGEST ? `${signs.slice(0, LONGEST).join('')}…` : text;
}

/** What the link is about, in rows. */
function factsOf({ agent, item }: LinkResult): Array<[string, string]> {
	const { conversation, contact } = item ?? {};
	return [
		...(contact
			? [
					['Contact', contact.name ?? contact.phone ?? contact.email ?? 'Unknown'] as [
						string,
						string,
					],
				]
			: []),
		...(conversation
			? ([
					['Channel', channelByKey(conversation.channel)?.displayName ?? conversation.channel],
					['Opened', `${conversation.openedAt.slice(0, 16).replace('T', ' ')} UTC`],
				] as Array<[string, string]>)
			: []),
		...(agent ? [['Agent', agent.name] as [string, string]] : []),
	];
}

/** A whole page. The form goes to the address that the page has, which holds the link. */
export function pageOf({ title, text, button }: Words, result?: LinkResult): string {
	const facts = result ? factsOf(result) : [];
	const rows = facts.map(([label, value]) => `<dt>${label}</dt><dd>${name(value)}</dd>`);
	return `<!doctype html>
<html lang="en" dir="ltr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="robots" content="noindex">
<meta name="color-scheme" content="light dark">
<title>${escaped(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${escaped(title)}</h1>
<p>${escaped(text)}</p>
${rows.length > 0 ? `<dl>${rows.join('')}</dl>` : ''}
${button === undefined ? '' : `<form method="post"><button type="submit">${escaped(button)}</button></form>`}
</main>
</body>
</html>
`;
}
