/** Drawn as SVG by hand: lines over a scale, readable on light and dark pages. */
export interface Chart {
	title: string;
	/** What it shows, for who cannot see it. */
	description: string;
	x: Axis;
	y: Axis;
	series: Series[];
}

interface Axis {
	label: string;
	ticks: Array<{ at: number; text: string }>;
	from: number;
	to: number;
}

export interface Series {
	name: string;
	points: Array<[x: number, y: number]>;
	/** Filled down to the bottom, behind the lines. */
	area?: boolean;
	/** Stays where it is until the next point. */
	steps?: boolean;
}

const WIDTH = 760;
const HEIGHT = 380;
const PLOT = { left: 76, right: 16, top: 56, bottom: 48 };

/** Told apart without colours, too: by their dashes. */
const DASHES = ['', '7 4', '2 3', '10 3 2 3'];

/** Contrast of 3:1 at least against both backgrounds. */
const STYLE = `
	.page { fill: #ffffff } text { font: 13px system-ui, sans-serif; fill: #24292f }
	.title { font-size: 15px; font-weight: 600 } .grid { stroke: #d0d7de; stroke-width: 1 }
	.line { fill: none; stroke-width: 2; stroke-linejoin: round } .area { fill: #8c959f; opacity: 0.3 }
	.c0 { stroke: #0969da } .c1 { stroke: #bc4c00 } .c2 { stroke: #1a7f37 } .c3 { stroke: #8250df }
	@media (prefers-color-scheme: dark) {
		.page { fill: #0d1117 } text { fill: #e6edf3 } .grid { stroke: #30363d }
		.c0 { stroke: #58a6ff } .c1 { stroke: #f0883e } .c2 { stroke: #3fb950 } .c3 { stroke: #bc8cff }
	}`;

const round = (value: number) => String(Math.round(value * 10) / 10);

const escaped = (text: string) =>
	text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

export function drawChart({ title, description, x, y, series }: Chart): string {
	const bottom = HEIGHT - PLOT.bottom;
	const right = WIDTH - PLOT.right;
	const toX = (value: number) =>
		PLOT.left + ((value - x.from) / (x.to - x.from)) * (right - PLOT.left);
	const toY = (value: number) =>
		bottom - ((value - y.from) / (y.to - y.from)) * (bottom - PLOT.top);
	const pathOf = ({ points, steps, area }: Series) => {
		const at = points.map(([px, py]) => [round(toX(px)), round(toY(py))] as const);
		const line = at.map(([px, py], i) => {
			if (i === 0) return `M${px} ${py}`;
			return steps ? `H${px}V${py}` : `L${px} ${py}`;
		});
		const [first, last] = [at[0], at.at(-1)];
		return area && first && last ? `${line.join('')}V${bottom}H${first[0]}Z` : line.join('');
	};
	let lines = 0;
	const drawn = series.map((one) => {
		const number = one.area ? undefined : lines++;
		const style =
			number === undefined
				? 'class="area"'
				: `class="line c${number}" stroke-dasharray="${DASHES[number] ?? ''}"`;
		return { name: one.name, number, style, path: `<path ${style} d="${pathOf(one)}"/>` };
	});
	const legend = drawn.map(({ name, number, style }, i) => {
		const at = PLOT.left + i * 134;
		const mark =
			number === undefined
				? `<rect ${style} x="${at}" y="33" width="26" height="10"/>`
				: `<path ${style} d="M${at} 38h26"/>`;
		return `${mark}<text x="${at + 32}" y="42">${escaped(name)}</text>`;
	});
	return [
		`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img">`,
		`<title>${escaped(title)}</title><desc>${escaped(description)}</desc>`,
		`<style>${STYLE}\n</style>`,
		`<rect class="page" width="${WIDTH}" height="${HEIGHT}" rx="6"/>`,
		`<text class="title" x="${PLOT.left}" y="22">${escaped(title)}</text>`,
		...legend,
		...y.ticks.map(
			({ at, text }) =>
				`<path class="grid" d="M${PLOT.left} ${round(toY(at))}H${right}"/>` +
				`<text x="${PLOT.left - 8}" y="${round(toY(at) + 4)}" text-anchor="end">${escaped(text)}</text>`,
		),
		...x.ticks.map(
			({ at, text }) =>
				`<text x="${round(toX(at))}" y="${bottom + 18}" text-anchor="middle">${escaped(text)}</text>`,
		),
		...[...drawn]
			.sort((a, b) => Number(b.number === undefined) - Number(a.number === undefined))
			.map(({ path }) => path),
		`<text x="${(PLOT.left + right) / 2}" y="${HEIGHT - 10}" text-anchor="middle">${escaped(x.label)}</text>`,
		`<text transform="translate(16 ${(PLOT.top + bottom) / 2}) rotate(-90)" text-anchor="middle">${escaped(y.label)}</text>`,
		'</svg>',
		'',
	].join('\n');
}
