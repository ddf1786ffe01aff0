'use strict';

const { html } = require('./html');
const style = require('./style');

const dollars = (cents) => `$${(cents / 100).toFixed(2)}`;

const LEAF = html`<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M4 14c0-7 6-11 17-11 0 11-4 17-11 17-1.6 0-3-.4-4.1-1.2L4.2 20.5 3 19.3l1.7-1.7C4.2 16.5 4 15.3 4 14zm3 1.3C9 12 12 9.5 16 8c-4 .5-7.5 3-9 7.3z"/></svg>`;

function layout({ title, nonce, user, csrf, notice }, content) {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · Leaf &amp; Kettle</title>
<link rel="icon" href="data:,">
<style nonce="${nonce}">${sheet}</style>
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<header class="bar"><div class="wide">
<a class="brand" href="/">${LEAF} Leaf &amp; Kettle</a>
${user && html`<span><span class="as">Signed in as</span> <strong>${user}</strong></span>
<a href="/devices">Your devices</a>
<form method="post" action="/logout">${token(csrf)}<button class="quiet">Sign out</button></form>`}
</div></header>
<main class="wide" id="content">
${content}
${notice && html`<p class="notice" role="status">${notice}</p>`}
</main>
${user && html`<script nonce="${nonce}">${leaving}</script>`}
</body>
</html>`.toString();
}

const sheet = html([style]);

/** Leaves the page when its session has ended, wherever that was: on it is what only the user may see. */
const leaving = html([`new EventSource('/session').addEventListener('over', () => location.replace('/'));`]);

function token(csrf) {
  return html`<input type="hidden" name="csrf" value="${csrf}">`;
}

/** The page of who is not signed in. `wrong`: the name or the password was. */
function login(view) {
  return layout({ ...view, title: 'Sign in' }, html`<div class="narrow card">
<h1>Welcome</h1>
<p class="lead">Sign in to fill your cart. It stays in your session, and your session in MongoDB.</p>
${view.wrong && html`<p class="notice alert" role="alert" id="wrong">That name and password do not go together.</p>`}
<form method="post" action="/login">
${token(view.csrf)}
<label for="name">Name</label>
<input id="name" name="name" autocomplete="username" required autofocus maxlength="100" value="${view.name}"${view.wrong && html` aria-describedby="wrong"`}>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required maxlength="100">
<button>Sign in</button>
</form>
<p class="hint small">For a look around: name <code>demo</code>, password <code>demo</code>.</p>
</div>`);
}

/** The shop: the teas, the cart, and what the session knows. */
function shop(view) {
  const { notice, ...rest } = view;
  return layout({ ...rest, title: 'Shop' }, html`<h1>Good to see you, ${view.user}</h1>
<p class="lead">Your cart and this page’s counter live in your session. Restart the app on the same MongoDB: they are still there.</p>
${notice && html`<p class="notice" role="status">${notice}</p>`}
<div class="layout">
<section aria-labelledby="teas"><h2 class="hidden" id="teas">Teas</h2>
<ul class="teas">${view.teas.map((tea) => offer(tea, view.csrf))}</ul>
</section>
<div class="aside">${cartOf(view)}${facts(view)}</div>
</div>`);
}

function offer(tea, csrf) {
  return html`<li class="card tea">
<span class="swatch ${tea.id}"></span>
<h3>${tea.name}</h3>
<p class="small">${tea.origin}</p>
<p class="small">${tea.taste}</p>
<form method="post" action="/cart">${token(csrf)}
<input type="hidden" name="tea" value="${tea.id}">
<span class="price">${dollars(tea.cents)} <span class="small">per 100 g</span></span>
<button name="action" value="add">Add<span class="hidden"> ${tea.name} to the cart</span></button>
</form>
</li>`;
}

function cartOf({ cart, csrf }) {
  return html`<section class="card" aria-labelledby="cart">
<h2 id="cart">Cart</h2>
${cart.count === 0 ? html`<p class="lead">Nothing in it yet.</p>` : html`<table>
<thead><tr><th scope="col">Tea</th><th scope="col" class="number">Packets</th><th scope="col" class="number">Price</th><th><span class="hidden">Take out</span></th></tr></thead>
<tbody>${cart.lines.map((line) => html`<tr>
<td>${line.tea.name}</td><td class="number">${line.count}</td><td class="number">${dollars(line.cents)}</td>
<td class="number"><form method="post" action="/cart">${token(csrf)}<input type="hidden" name="tea" value="${line.tea.id}"><button class="quiet" name="action" value="remove" aria-label="Take a packet of ${line.tea.name} out">−</button></form></td>
</tr>`)}</tbody>
<tfoot><tr><th scope="row">Total</th><td class="number">${cart.count}</td><td class="number">${dollars(cart.cents)}</td><td></td></tr></tfoot>
</table>`}
</section>`;
}

function facts({ views, since, expires }) {
  return html`<section class="card" aria-labelledby="session">
<h2 id="session">Session</h2>
<dl class="facts">
<div class="views"><dt>Views of this page</dt><dd class="count">${views}</dd></div>
<div><dt>Signed in</dt><dd>${when(since)}</dd></div>
<div><dt>Ends, if you stay away</dt><dd>${when(expires)}</dd></div>
</dl>
</section>`;
}

/** Where the user is signed in: the sessions, as devices. */
function devices(view) {
  const { notice, ...rest } = view;
  const others = view.devices.filter(({ isCurrent }) => !isCurrent);
  return layout({ ...rest, title: 'Your devices' }, html`<h1>Your devices</h1>
<p class="lead">Here you are signed in. A device that you sign out is out at once, whatever it shows.</p>
${notice && html`<p class="notice" role="status">${notice}</p>`}
<ul class="devices">${view.devices.map((device) => deviceOf(device, view.csrf))}</ul>
${others.length > 0 && html`<form method="post" action="/devices/end-others">${token(view.csrf)}<button>Sign out everywhere else</button></form>`}
<p class="lead"><a href="/">Back to the shop</a></p>`);
}

function deviceOf({ handle, name, since, used, isCurrent }, csrf) {
  return html`<li class="card device">
<h2>${name}</h2>
<p class="small">Signed in ${when(since)}</p>
<p class="small">${isCurrent ? 'This device' : html`Last used ${when(used)}`}</p>
${!isCurrent && html`<form method="post" action="/devices/end">${token(csrf)}<button class="quiet" name="device" value="${handle}">Sign out<span class="hidden"> ${name}</span></button></form>`}
</li>`;
}

function when(date) {
  const iso = new Date(date).toISOString();
  return html`<time datetime="${iso}">${iso.slice(0, 16).replace('T', ', ')} UTC</time>`;
}

/** Something that did not work. */
function problem(view) {
  return layout(view, html`<div class="narrow card">
<h1>${view.title}</h1>
<p class="lead">${view.text}</p>
<p class="lead"><a href="/">Back to the shop</a></p>
</div>`);
}

module.exports = { devices, login, shop, problem };
