'use strict';

/** What the shop sells. Prices in cents, for 100 g. */
const TEAS = [
  { id: 'sencha', name: 'Sencha', origin: 'Shizuoka, Japan', taste: 'Grassy, bright, a little sweet.', cents: 890 },
  { id: 'darjeeling', name: 'Darjeeling', origin: 'West Bengal, India', taste: 'Floral, with muscatel grapes.', cents: 1240 },
  { id: 'oolong', name: 'Oolong', origin: 'Anxi, China', taste: 'Roasted, with stone fruit.', cents: 1080 },
  { id: 'rooibos', name: 'Rooibos', origin: 'Cederberg, South Africa', taste: 'Mild, honeyed, no caffeine.', cents: 640 }
];

const MOST = 20;

const find = (id) => TEAS.find((tea) => tea.id === id);

/**
 * Puts a tea into the cart of a session, or takes one out.
 *
 * @param {object} session
 * @param {*} id of a tea; any other is ignored
 * @param {*} action `add` or `remove`
 * @returns {string|undefined} what to tell the user
 */
function change(session, id, action) {
  const tea = find(id);
  if (!tea) return undefined;
  const before = session.cart?.[tea.id] ?? 0;
  const now = action === 'remove' ? before - 1 : before + 1;
  if (now < 0) return undefined;
  if (now > MOST) return `${MOST} packets of ${tea.name} are all we have.`;
  session.cart = { ...session.cart, [tea.id]: now };
  if (now === 0) delete session.cart[tea.id];
  return action === 'remove' ? `Took a packet of ${tea.name} out of your cart.` : `Put a packet of ${tea.name} into your cart.`;
}

/** @returns {{lines: object[], count: number, cents: number}} what is in the cart of a session */
function summary(session) {
  const lines = Object.entries(session.cart ?? {})
    .map(([id, count]) => ({ tea: find(id), count }))
    .filter(({ tea }) => tea)
    .map((line) => ({ ...line, cents: line.count * line.tea.cents }));
  const sum = (of) => lines.reduce((total, line) => total + of(line), 0);
  return { lines, count: sum((line) => line.count), cents: sum((line) => line.cents) };
}

module.exports = { TEAS, change, summary };
