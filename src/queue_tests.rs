//! Behaviour of the queue, and a model check of its order.

use super::*;

const ALL: Share = Share { jobs: usize::MAX, bytes: usize::MAX };

fn set(n: usize) -> Action {
    let session = RawDocumentBuf::try_from(&mongodb::bson::doc! { "n": n as i64 }).expect("valid");
    Action::Set { expires: n as i64, session }
}

fn touch(expires: i64) -> Action {
    Action::Touch { expires, cookie: RawDocumentBuf::new() }
}

fn replace(n: usize) -> Action {
    let Action::Set { expires, session } = set(n) else { unreachable!("a set") };
    Action::Replace { expires, session }
}

fn patch(n: usize, creates: bool) -> Action {
    let Action::Set { expires, session } = set(n) else { unreachable!("a set") };
    let none = RawDocumentBuf::new();
    Action::Patch(Box::new(Patch { expires, set: none.clone(), unset: none, whole: session, creates }))
}

const DESTROY: Action = Action::Destroy { expires: None };

fn take(queue: &mut Queue<u32>) -> Vec<Job<u32>> {
    let kind = queue.next_kind().expect("something is ready");
    queue.take(kind, ALL)
}

#[test]
fn jobs_of_one_kind_go_together_and_the_longest_waiting_kind_goes_first() {
    let mut queue = Queue::default();
    queue.push("a", set(1), 1, Instant::now());
    queue.push("b", Action::Get, 2, Instant::now());
    queue.push("c", touch(1), 3, Instant::now());
    let first = take(&mut queue);
    assert_eq!(first.iter().map(|job| &*job.sid).collect::<Vec<_>>(), ["a", "c"]);
    assert_eq!(&*take(&mut queue)[0].sid, "b");
    assert_eq!(queue.next_kind(), None);
}

#[test]
fn a_session_has_one_job_out_at_a_time() {
    let mut queue = Queue::default();
    queue.push("a", set(1), 1, Instant::now());
    let flying = take(&mut queue);
    queue.push("a", Action::Get, 2, Instant::now());
    assert_eq!(queue.next_kind(), None);
    queue.finish(&flying[0].sid);
    assert_eq!(take(&mut queue)[0].tickets, [2]);
}

#[test]
fn waiting_writes_of_one_session_become_the_last_one_and_answer_everyone() {
    let mut queue = Queue::default();
    queue.push("a", set(1), 1, Instant::now());
    queue.push("a", touch(5), 2, Instant::now());
    queue.push("a", set(2), 3, Instant::now());
    queue.push("a", set(3), 4, Instant::now());
    let jobs = take(&mut queue);
    assert_eq!((jobs.len(), &jobs[0].action, &jobs[0].tickets[..]), (1, &set(1), &[1][..]));
    queue.finish(&jobs[0].sid);
    let jobs = take(&mut queue);
    assert_eq!((&jobs[0].action, &jobs[0].tickets[..]), (&set(3), &[2, 3, 4][..]));
}

#[test]
fn a_touch_without_a_cookie_does_not_swallow_one_with_a_cookie() {
    let mut queue = Queue::default();
    let cookie = RawDocumentBuf::try_from(&mongodb::bson::doc! { "session.cookie": 1 }).expect("valid");
    queue.push("a", Action::Touch { expires: 1, cookie }, 1, Instant::now());
    queue.push("a", touch(2), 2, Instant::now());
    assert_eq!(take(&mut queue)[0].tickets, [1]);
}

#[test]
fn a_destroy_is_not_merged_with_the_set_that_follows_it() {
    let mut queue = Queue::default();
    queue.push("a", DESTROY, 1, Instant::now());
    queue.push("a", set(1), 2, Instant::now());
    let jobs = take(&mut queue);
    assert_eq!(jobs[0].action, DESTROY);
    queue.finish(&jobs[0].sid);
    assert_eq!(take(&mut queue)[0].action, set(1));
}

#[test]
fn a_share_limits_jobs_and_bytes_but_lets_one_large_session_through() {
    let mut queue = Queue::default();
    for sid in ["a", "b", "c"] {
        queue.push(sid, set(1), 0, Instant::now());
    }
    assert_eq!(queue.take(Kind::Update, Share { jobs: 2, bytes: usize::MAX }).len(), 2);
    queue.push("d", set(1), 0, Instant::now());
    assert_eq!(queue.take(Kind::Update, Share { jobs: 9, bytes: 1 }).len(), 1);
}

#[test]
fn counts_who_waits_and_forgets_lanes_that_are_done() {
    let mut queue = Queue::default();
    queue.push("a", set(1), 1, Instant::now());
    queue.push("a", set(2), 2, Instant::now());
    assert_eq!((queue.waiting(), queue.waiting_bytes()), (2, set(2).bytes()));
    let jobs = take(&mut queue);
    assert_eq!((queue.waiting(), queue.waiting_bytes()), (0, 0));
    queue.finish(&jobs[0].sid);
    assert!(queue.lanes.is_empty());
}

#[test]
fn jobs_that_waited_too_long_are_taken_out_and_the_rest_goes_on_in_order() {
    let mut queue = Queue::default();
    let start = Instant::now();
    let later = start + std::time::Duration::from_secs(1);
    queue.push("flying", set(1), 1, start);
    let flying = take(&mut queue);
    queue.push("flying", Action::Get, 2, start);
    queue.push("flying", set(2), 3, later);
    queue.push("old", DESTROY, 4, start);
    queue.push("new", Action::Get, 5, later);
    let mut expired: Vec<u32> = queue.expire(start).into_iter().flat_map(|job| job.tickets).collect();
    expired.sort_unstable();
    assert_eq!(expired, [2, 4]);
    assert_eq!((queue.waiting(), queue.waiting_bytes()), (2, set(2).bytes()));
    assert_eq!(take(&mut queue)[0].tickets, [5]);
    assert_eq!(queue.next_kind(), None);
    queue.finish(&flying[0].sid);
    assert_eq!(take(&mut queue)[0].tickets, [3]);
}

/// What one session looks like to a caller: its content and expiry.
type State = Option<(i64, i64)>;

fn apply(state: &mut State, action: &Action) {
    match action {
        Action::Get => {}
        Action::Set { expires, session } => {
            *state = Some((session.get_i64("n").expect("set by this test"), *expires));
        }
        Action::Replace { expires, session } => {
            if let Some(state) = state {
                *state = (session.get_i64("n").expect("set by this test"), *expires);
            }
        }
        Action::Patch(patch) => {
            if let Some(state) = state {
                state.1 = patch.expires;
            } else if patch.creates {
                *state = Some((patch.whole.get_i64("n").expect("set by this test"), patch.expires));
            }
        }
        Action::Touch { expires, .. } => {
            if let Some((_, old)) = state {
                *old = *expires;
            }
        }
        Action::Destroy { .. } => *state = None,
    }
}

#[test]
fn a_write_that_creates_is_not_dropped_for_one_that_does_not() {
    for (before, after, jobs) in [
        (set(1), replace(2), 2),
        (patch(1, true), replace(2), 2),
        (replace(1), replace(2), 1),
        (patch(1, false), replace(2), 1),
        (patch(1, true), set(2), 1),
        (touch(1), replace(2), 1),
        // Each changes other keys.
        (patch(1, true), patch(2, true), 2),
        (touch(1), patch(2, true), 2),
        (set(1), patch(2, true), 2),
    ] {
        let mut queue = Queue::default();
        queue.push("a", before.clone(), 1, Instant::now());
        queue.push("a", after.clone(), 2, Instant::now());
        let first = take(&mut queue);
        queue.finish(&first[0].sid);
        let sent = 1 + usize::from(queue.next_kind().is_some());
        assert_eq!(sent, jobs, "{before:?}, then {after:?}");
    }
}

#[test]
fn what_a_patch_may_have_to_store_whole_counts_as_waiting_but_not_as_sent() {
    let mut queue = Queue::default();
    let job = patch(1, true);
    let (sent, held) = (job.bytes(), job.held_bytes());
    assert!(sent < held);
    queue.push("a", job, 1, Instant::now());
    assert_eq!(queue.waiting_bytes(), held);
    take(&mut queue);
    assert_eq!(queue.waiting_bytes(), 0);
}

/// A small generator, so that failures repeat: xorshift.
fn random(seed: &mut u64) -> u64 {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    *seed
}

#[test]
fn any_interleaving_equals_the_same_calls_one_by_one() {
    for seed in 1..400u64 {
        let mut seed = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mut queue = Queue::default();
        let mut expected: HashMap<&str, State> = HashMap::new();
        let mut stored: HashMap<Arc<str>, State> = HashMap::new();
        let mut answers: HashMap<u32, (State, State)> = HashMap::new();
        let mut flying: Vec<Vec<Job<u32>>> = Vec::new();
        for ticket in 0..200u32 {
            let sid = ["a", "b", "c"][(random(&mut seed) % 3) as usize];
            let action = match random(&mut seed) % 6 {
                0 => Action::Get,
                1 => set(ticket as usize),
                3 => replace(ticket as usize),
                4 => patch(ticket as usize, ticket.is_multiple_of(2)),
                2 => touch(i64::from(ticket)),
                _ => DESTROY,
            };
            let state = expected.entry(sid).or_default();
            apply(state, &action);
            if action == Action::Get {
                answers.insert(ticket, (*state, Some((-1, -1))));
            }
            queue.push(sid, action, ticket, Instant::now());
            // Commands leave and end at random, in any order.
            while random(&mut seed).is_multiple_of(3) {
                if flying.len() < 3
                    && let Some(kind) = queue.next_kind()
                {
                    flying.push(queue.take(kind, Share { jobs: 2, bytes: usize::MAX }));
                } else if !flying.is_empty() {
                    let one = flying.swap_remove(random(&mut seed) as usize % flying.len());
                    run(&mut queue, &mut stored, &mut answers, one);
                }
            }
        }
        while let Some(one) = flying.pop().or_else(|| queue.next_kind().map(|kind| queue.take(kind, ALL))) {
            run(&mut queue, &mut stored, &mut answers, one);
        }
        for (ticket, (expected, seen)) in &answers {
            assert_eq!(expected, seen, "get {ticket}");
        }
        for (sid, state) in expected {
            assert_eq!(stored.get(sid).copied().flatten(), state, "session {sid}");
        }
        assert_eq!((queue.waiting(), queue.lanes.len()), (0, 0));
    }
}

fn run(
    queue: &mut Queue<u32>,
    stored: &mut HashMap<Arc<str>, State>,
    answers: &mut HashMap<u32, (State, State)>,
    jobs: Vec<Job<u32>>,
) {
    for job in jobs {
        let state = stored.entry(Arc::clone(&job.sid)).or_default();
        apply(state, &job.action);
        for ticket in &job.tickets {
            if let Some((_, seen)) = answers.get_mut(ticket) {
                *seen = *state;
            }
        }
        queue.finish(&job.sid);
    }
}
