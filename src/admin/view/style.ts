// The one stylesheet: light and dark, from the width of a phone on, system fonts.
export const STYLE = `
:root { color-scheme: light dark;
  --back: #f6f7f9; --face: #ffffff; --line: #d9dde3; --text: #1b1f26; --quiet: #545c69; --link: #1452b8;
  --good: #0f6b38; --goodback: #e0f4e8; --bad: #a3171f; --badback: #fde8e8; --wait: #7a4d00; --waitback: #fdf1d8;
  --calmback: #e9ecf1; --on: #ffffff; }
@media (prefers-color-scheme: dark) { :root {
  --back: #14161a; --face: #1c1f25; --line: #363b45; --text: #e8eaee; --quiet: #a6aebb; --link: #8db8ff;
  --good: #74d99f; --goodback: #14331f; --bad: #ff9a9a; --badback: #421a1d; --wait: #f2c46d; --waitback: #3b2d10;
  --calmback: #2b3039; --on: #0d1b33; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--text); font: 1rem/1.5 system-ui, sans-serif; }
a { color: var(--link); text-underline-offset: .15em; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; border-radius: 4px; }
.skip { position: absolute; left: -9999px; } .skip:focus { left: 1rem; top: .5rem; background: var(--face); padding: .5rem; z-index: 2; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
header { display: flex; flex-wrap: wrap; align-items: center; gap: .25rem 1.25rem; padding: .5rem 1.25rem;
  background: var(--face); border-bottom: 1px solid var(--line); }
.brand { font-weight: 700; font-size: 1.15rem; color: var(--text); text-decoration: none; letter-spacing: -.01em; }
nav { display: flex; gap: .15rem; overflow-x: auto; flex: 1 1 auto; }
nav a { padding: .4rem .5rem; border-radius: 6px; text-decoration: none; color: var(--quiet); white-space: nowrap; }
nav a:hover { background: var(--calmback); color: var(--text); }
nav a[aria-current] { background: var(--calmback); color: var(--text); font-weight: 600; }
.me { margin-left: auto; display: flex; flex-wrap: wrap; align-items: center; gap: .25rem .75rem; font-size: .9rem; max-width: 100%; }
main { max-width: 76rem; margin: 0 auto; padding: 1rem 1.25rem 4rem; overflow-wrap: break-word; }
footer { max-width: 76rem; margin: 0 auto; padding: 0 1.25rem 1rem; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: .75rem 0; letter-spacing: -.02em; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin: 2rem 0 .6rem; } h3 { font-size: 1rem; margin: 1rem 0 .4rem; }
p { margin: .4rem 0; } .quiet, .quiet a { color: var(--quiet); } .quiet { font-size: .9rem; } .lead { font-size: 1.05rem; }
ul { padding-left: 1.2rem; } code, pre { font: .875em/1.5 ui-monospace, monospace; } code { overflow-wrap: anywhere; }
pre { background: var(--back); border: 1px solid var(--line); border-radius: 8px; padding: .75rem; overflow: auto; max-height: 32rem;
  white-space: pre-wrap; overflow-wrap: anywhere; margin: .5rem 0; }
.card { background: var(--face); border: 1px solid var(--line); border-radius: 10px; padding: 1rem 1.1rem; margin: .75rem 0; }
.card > :first-child { margin-top: 0; } .card > :last-child { margin-bottom: 0; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 13rem), 1fr)); gap: .75rem; }
.cards .card { margin: 0; }
.figure { display: block; overflow-wrap: anywhere; font-size: 1.7rem; line-height: 1.25; font-weight: 650; letter-spacing: -.02em; font-variant-numeric: tabular-nums; }
.figure a { color: inherit; text-decoration-color: var(--line); } .card .label { color: var(--quiet); font-size: .9rem; }
.scroll { position: relative; overflow-x: auto; background: var(--face); border: 1px solid var(--line); border-radius: 10px; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .5rem .8rem; border-bottom: 1px solid var(--line); vertical-align: top; }
th { font-size: .85rem; color: var(--quiet); font-weight: 600; white-space: nowrap; } tbody tr:last-child > * { border-bottom: 0; } td:empty { padding-block: 0; }
td { overflow-wrap: break-word; min-width: 5.5rem; max-width: 34rem; } td:first-child code { white-space: nowrap; }
.badge, .tag { display: inline-block; padding: .05rem .55rem; border-radius: 99px; font-size: .85rem; font-weight: 600; white-space: nowrap; }
.notice { background: var(--calmback); } .tag, .calm { background: var(--calmback); color: var(--quiet); } .good { background: var(--goodback); color: var(--good); }
.bad { background: var(--badback); color: var(--bad); } .wait { background: var(--waitback); color: var(--wait); }
.notice { padding: .65rem .9rem; border-radius: 8px; margin: .75rem 0; }
.problems { list-style: none; padding: 0; margin: 0; display: grid; gap: .5rem; }
.problems > li { background: var(--face); border: 1px solid var(--line); border-left: 4px solid var(--bad); border-radius: 8px; padding: .65rem .9rem; }
.problems > li.later { border-left-color: var(--wait); } .problems p { margin: .1rem 0; overflow-wrap: anywhere; }
button, input, select { font: inherit; color: inherit; } input, select { font-weight: 400; }
button, .button { background: var(--face); border: 1px solid var(--line); border-radius: 7px; padding: .35rem .8rem; cursor: pointer; min-height: 2.25rem; white-space: nowrap; }
button:hover { border-color: var(--quiet); } .primary { background: var(--link); border-color: var(--link); color: var(--on); font-weight: 600; }
.danger { background: var(--badback); color: var(--bad); border-color: currentcolor; font-weight: 600; }
input:not([type=hidden], [type=checkbox]), select { background: var(--face); border: 1px solid var(--quiet); border-radius: 7px; padding: .4rem .6rem; min-height: 2.4rem; max-width: 100%; }
::placeholder { color: var(--quiet); opacity: 1; } label { font-weight: 600; } .stack, .stack label, .sell, .sell .field { display: grid; grid-template-columns: minmax(0, 1fr); } .stack { gap: .9rem; } .stack label { gap: .25rem; } .stack button { justify-self: start; }
.stack fieldset label { display: block; font-weight: 400; }
.narrow { max-width: 26rem; margin: 2.5rem auto; } .narrow.left { margin: 0; }
.row { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; } .fields { align-items: end; } form.fields { margin: .5rem 0; } .fields label { display: grid; grid-template-columns: minmax(0, 1fr); gap: .25rem; }
.grow { flex: 1 1 16rem; } .grow input { width: 100%; } .link { width: 100%; }
summary { cursor: pointer; color: var(--link); } .confirm[open] { border: 1px solid var(--line); border-radius: 8px; padding: .5rem .8rem; background: var(--face); } .confirm button { white-space: normal; }
.confirm summary { display: inline-block; overflow-wrap: anywhere; list-style: none; text-decoration: underline; text-underline-offset: .15em; padding: .3rem 0; } dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; margin: .5rem 0; }
dt { color: var(--quiet); } dd { margin: 0; overflow-wrap: anywhere; min-width: 0; } 
.steps { list-style: none; padding: 0; margin: 1rem 0; } .button { text-decoration: none; color: inherit; display: inline-flex; align-items: center; }
.steps > li { position: relative; padding: 0 0 1.4rem 1.75rem; border-left: 2px solid var(--line); margin-left: .5rem; }
.steps > li::before { content: ''; position: absolute; left: -.5rem; top: .3rem; width: .85rem; height: .85rem; border-radius: 99px; background: var(--face); border: 2px solid var(--quiet); }
.steps > li > h2 { margin: 0 0 .4rem; } .bars { display: grid; grid-template-columns: fit-content(50%) 1fr max-content; gap: .35rem .8rem; align-items: center; }
.bars meter { width: 100%; min-width: 0; height: .8rem; } .bars > * { min-width: 0; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 21rem), 1fr)); gap: .75rem; margin-top: .75rem; }
.chart { margin: 0; min-width: 0; } .chart figcaption { font-weight: 600; } .plot { min-height: 2rem; overflow: hidden; } .u-legend { color: var(--quiet); width: auto; } .u-legend th, .u-legend td { border: 0; padding: 0 .2rem; min-width: 0; }
.u-over { cursor: pointer; } .chart .scroll { max-height: 16rem; overflow-y: auto; margin-top: .4rem; }
.lines { list-style: none; margin: .75rem 0; padding: .5rem 0; background: var(--face); border: 1px solid var(--line); border-radius: 10px; overflow-x: auto; font: .875em/1.75 ui-monospace, monospace; }
.lines > li { display: grid; grid-template-columns: 3.5rem 1fr; } .lines > li > a { color: var(--quiet); text-align: right; padding-right: 1rem; text-decoration: none; } .lines code { font-size: 1em; white-space: pre; overflow-wrap: normal; }
.lines > .wrong, .lines > :target { background: var(--badback); } .lines > .doubted, .lines > :target:not(.wrong) { background: var(--waitback); } .mistake { grid-column: 2; color: var(--bad); font: .95rem/1.5 system-ui, sans-serif; padding-bottom: .3rem; } .doubted > .mistake { color: inherit; }
.sell { gap: .9rem; max-width: 32rem; } .sell fieldset { display: grid; gap: .7rem; margin: 0; padding: .6rem .9rem .9rem; } .sell .field { gap: .2rem; min-width: 0; } .sell .row { flex-wrap: nowrap; align-items: start; } .sell .row .field:first-child { flex: 1; }
.sell input:not([type=hidden]), .sell select, .sell textarea { width: 100%; min-height: 3rem; font: 1.1rem/1.4 system-ui, sans-serif; } .sell button { min-height: 3.25rem; font-size: 1.1rem; } .sell details > .field { margin-top: .6rem; } .sell .mistake { margin: 0; grid-column: auto; } [aria-invalid] { border-color: var(--bad) !important; }
.sell .notice { margin: 0 0 .5rem; } .sell .notice ul { margin: 0; } #outlook { min-height: 3rem; } #outlook > p { margin-top: 0; } .tabs { margin: .75rem 0; flex-wrap: wrap; } .tabs a, nav.row a { white-space: normal; overflow-wrap: anywhere; min-width: 0; } .tabs a[aria-current] { background: var(--calmback); color: var(--text); font-weight: 600; } .entries { max-width: 46rem; } .entries .card > * { margin: .3rem 0; }
.columns { display: grid; gap: .5rem .75rem; grid-template-columns: repeat(auto-fill, minmax(11rem, 1fr)); margin: .5rem 0 1rem; } .columns .field { display: grid; gap: .2rem; min-width: 0; } progress { width: min(20rem, 100%); height: 1rem; }
.own { font-weight: 600; } .plain { list-style: none; padding: 0; } .halves { display: grid; gap: 1rem 1.5rem; } .halves > div { min-width: 0; }
textarea { width: 100%; background: var(--face); border: 1px solid var(--quiet); border-radius: 7px; padding: .5rem .6rem; font: .875rem/1.5 ui-monospace, monospace; color: inherit; }
fieldset { border: 1px solid var(--line); border-radius: 10px; padding: .5rem 1rem 1rem; margin: 1rem 0; min-width: 0; } legend { font-weight: 600; padding: 0 .4rem; }
fieldset > label { display: block; margin-top: .6rem; } .editor { border: 1px solid var(--quiet); border-radius: 7px; overflow: hidden; margin: .25rem 0; }
.fields label { min-width: 0; max-width: 100%; } .grow select { width: 100%; } .play td { max-width: none; overflow-wrap: anywhere; } .play .scroll { margin: .5rem 0; } .patch span { display: block; } .plus { background: var(--goodback); color: var(--good); } .minus { background: var(--badback); color: var(--bad); }
main:has(> .play) { max-width: 110rem; }
@media (min-width: 70rem) { .halves { grid-template-columns: 1fr 1fr; } }
@media (min-width: 40rem) { nav { flex-wrap: wrap; } }
@media (min-width: 64rem) { td time { white-space: nowrap; } .chart td { min-width: 0; overflow-wrap: anywhere; } .chart time { white-space: normal; } }
@media (max-width: 48rem) {
  .scroll thead { position: absolute; clip-path: inset(50%); height: 1px; overflow: hidden; } .scroll table, .scroll tbody, .scroll td { display: block; }
  .scroll tr { display: flex; flex-wrap: wrap; gap: .1rem 1rem; align-items: baseline; padding: .45rem .8rem; border-bottom: 1px solid var(--line); } .scroll tbody tr:last-child { border-bottom: 0; }
  .scroll td { padding: 0; border: 0; min-width: 0; max-width: 100%; overflow-wrap: anywhere; } .scroll td:first-child { font-weight: 600; } .scroll td:empty { display: none; } .scroll td code { white-space: normal; }
  .scroll td[data-label]:not(:first-child)::before { color: var(--quiet); font-size: .85rem; content: attr(data-label) ' '; content: attr(data-label) ' ' / ''; }
}
@media (max-width: 84rem) { header nav { order: 3; flex-basis: 100%; } } @media (max-width: 104rem) { header:has(nav a:nth-child(12)) nav { order: 3; flex-basis: 100%; } }
@media (max-width: 40rem) {
  main { padding: .5rem .9rem 3rem; } header { padding: .5rem .9rem; }
  html:has(#entry) { scroll-padding-bottom: 6rem; } #entry > .primary { position: sticky; bottom: .6rem; box-shadow: 0 0 0 .6rem var(--back); }
  .me a { max-width: min(9rem, 50vw); overflow: hidden; text-overflow: ellipsis; white-space: nowrap; } button, .button, .badge { white-space: normal; } dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .4rem; }
}
@media print {
  header, .skip, .tabs, .confirm, .sell, [role=search], button, .button { display: none; }
  .scroll, .chart .scroll, pre, .lines { overflow: visible; max-height: none; }
  .card, .chart, .problems > li, .bars, tr { break-inside: avoid; } h2, h3 { break-after: avoid; }
}
@media (forced-colors: active) { .plot { --link: LinkText; --quiet: CanvasText; --line: GrayText; } .u-marker { forced-color-adjust: none; } }
@media (prefers-reduced-motion: no-preference) { html { scroll-behavior: smooth; } }
`;
