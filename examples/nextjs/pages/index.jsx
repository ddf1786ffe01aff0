export default function Home({ user, views }) {
  return (
    <main>
      <p id="user">{user ? `Hello, ${user}` : 'Not logged in'}</p>
      <p id="views">{`Views: ${views}`}</p>
    </main>
  );
}

/** Runs on the server for each request, with the session of `server.js` on it. */
export async function getServerSideProps({ req }) {
  req.session.views = (req.session.views ?? 0) + 1;
  return { props: { user: req.session.user ?? null, views: req.session.views } };
}
