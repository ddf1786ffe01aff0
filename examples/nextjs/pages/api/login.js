/** POST a form with `name`. */
export default function login(req, res) {
  if (req.method !== 'POST') return res.status(405).end();
  const { views } = req.session;
  return new Promise((resolve) => {
    req.session.regenerate((error) => {
      if (error) {
        res.status(500).json({ error: 'the login failed' });
      } else {
        Object.assign(req.session, { user: String(req.body.name), views });
        res.json({ user: req.session.user });
      }
      resolve();
    });
  });
}
