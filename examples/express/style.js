'use strict';

/** The pages' style sheet. */
module.exports = `
:root {
  color-scheme: light dark;
  --paper: #f6f4ee; --card: #fffdf8; --ink: #22302a; --soft: #55655c; --line: #dcd8cb;
  --leaf: #2c6b4f; --leaf-dark: #1f5039; --on-leaf: #fff; --wash: #e6efe7; --alert: #9c2f22; --alert-wash: #f9e7e3;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #151b18; --card: #1d2521; --ink: #e8eee9; --soft: #a6b5ac; --line: #35413a;
    --leaf: #7cc7a0; --leaf-dark: #9bd9b8; --on-leaf: #10231a; --wash: #23332b; --alert: #ff9d8e; --alert-wash: #3a2320;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; }
h1, h2, h3, p, dl, dd, ul { margin: 0; }
h1, h2, .brand { font-family: Georgia, "DejaVu Serif", serif; font-weight: 600; letter-spacing: -.01em; line-height: 1.2; }
h1 { font-size: clamp(1.7rem, 4vw, 2.3rem); }
h2 { font-size: 1.25rem; }
a { color: var(--leaf); }
:focus-visible { outline: 3px solid var(--leaf); outline-offset: 2px; }
.skip { position: absolute; left: -999px; }
.skip:focus { left: 1rem; top: 1rem; background: var(--card); padding: .5rem 1rem; z-index: 1; }
.bar { border-bottom: 1px solid var(--line); background: var(--card); }
.bar > div { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem 1.25rem; }
.wide { max-width: 66rem; margin: 0 auto; padding: .9rem 1.25rem; }
main.wide { padding-top: 1.75rem; padding-bottom: 3rem; }
.brand { display: inline-flex; align-items: center; gap: .6rem; margin-right: auto; font-size: 1.2rem; color: inherit; text-decoration: none; }
.brand svg { width: 1.7rem; height: 1.7rem; fill: var(--leaf); }
.lead { color: var(--soft); margin-top: .4rem; max-width: 42rem; }
.hint { margin-top: 1.1rem; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 14px; padding: 1.25rem; }
.layout { display: grid; gap: 1.25rem; margin-top: 1.25rem; align-items: start; }
@media (min-width: 52rem) { .layout { grid-template-columns: minmax(0, 1fr) 21rem; } }
.teas { list-style: none; padding: 0; display: grid; gap: 1rem; grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr)); }
.tea { display: grid; grid-template-columns: auto 1fr; gap: .2rem 1rem; }
.swatch { grid-row: span 3; width: 3.6rem; height: 3.6rem; border-radius: 50%; border: 4px solid var(--card); box-shadow: 0 0 0 1px var(--line); }
.sencha { background: radial-gradient(circle at 35% 30%, #d6e39b, #8fae3f); }
.darjeeling { background: radial-gradient(circle at 35% 30%, #f2c076, #b8692a); }
.oolong { background: radial-gradient(circle at 35% 30%, #e5a95c, #8a4f1d); }
.rooibos { background: radial-gradient(circle at 35% 30%, #e2805a, #93301b); }
.tea h3 { font-size: 1.05rem; }
.small, .as { color: var(--soft); font-size: .9rem; }
@media (max-width: 30rem) { .as { display: none; } }
.tea form { grid-column: 1 / -1; display: flex; align-items: center; justify-content: space-between; margin-top: .8rem; }
.price .small { font-weight: 400; }
.price { font-weight: 600; font-variant-numeric: tabular-nums; }
button { font: inherit; font-weight: 600; border: 1px solid transparent; border-radius: 9px; padding: .5rem 1rem; min-height: 2.75rem; background: var(--leaf); color: var(--on-leaf); cursor: pointer; }
button:hover { background: var(--leaf-dark); }
.quiet { background: transparent; color: var(--leaf); border-color: var(--line); }
.quiet:hover { background: var(--wash); }
.aside { display: grid; gap: 1.25rem; }
.devices { list-style: none; padding: 0; margin: 1.25rem 0; display: grid; gap: 1rem; grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr)); }
.device form { margin-top: .8rem; }
.facts { display: grid; gap: .7rem; margin-top: .5rem; }
.facts .views { display: flex; align-items: baseline; justify-content: space-between; }
.facts dt { color: var(--soft); font-size: .9rem; }
.facts dd { font-weight: 600; }
.count { font: 600 2.4rem/1.1 Georgia, "DejaVu Serif", serif; color: var(--leaf); font-variant-numeric: tabular-nums; }
table { width: 100%; border-collapse: collapse; margin-top: .6rem; font-variant-numeric: tabular-nums; }
th { text-align: left; font-weight: 400; color: var(--soft); font-size: .9rem; }
th, td { padding: .45rem 0; border-bottom: 1px solid var(--line); }
tfoot th, tfoot td { border: 0; font-weight: 600; color: var(--ink); font-size: 1rem; }
.number { text-align: right; }
td button { min-height: 2rem; padding: .1rem .6rem; }
.notice { margin-top: 1.25rem; padding: .75rem 1rem; border-radius: 9px; background: var(--wash); border-left: 4px solid var(--leaf); }
.alert { background: var(--alert-wash); border-color: var(--alert); color: var(--alert); }
.narrow { max-width: 25rem; margin: 6vh auto 0; }
.narrow form { display: grid; gap: .4rem; margin-top: 1.25rem; }
label { font-weight: 600; margin-top: .5rem; }
input { font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--soft); border-radius: 9px; padding: .55rem .75rem; min-height: 2.75rem; width: 100%; }
.narrow button { margin-top: 1rem; }
code { background: var(--wash); padding: .1rem .35rem; border-radius: 5px; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
`;
