//! Behaviour of the queue, and a model check of its order.

use super::*;

use mongodb::bson::{Document, RawDocumentBuf, doc};

use crate::session_op::{Beside, Change, Patch, Write};

const ALL: BatchLimit = BatchLimit { jobs: usize::MAX, bytes: usize::MAX };

fn elements(n: usize) -> RawDocumentBuf {
    RawDocumentBuf::try_from(&doc! { "n": n as i64 }).expect("valid")
}

fn set(n: usize) -> SessionOp {
    SessionOp::whole(n as i64, elements(n), true)
}

fn touch(expires: i64) -> SessionOp {
    SessionOp::Touch { expires, cookie: RawDocumentBuf::new(), ends: None }
}

fn replace(n: usize) -> SessionOp {
    SessionOp::whole(n as i64, elements(n), false)
}

fn patch(n: usize, creates: bool) -> SessionOp {
    let none = RawDocumentBuf::new();
    let change = Change::Patch(Patch { set: none.clone(), unset: none, whole: elements(n) });
    SessionOp::Write(Box::new(Write { expires: n as i64, change, creates, beside: None }))
}

const DESTROY: SessionOp = SessionOp::Destroy { only_if_expires: None };

fn next(queue: &Queue<u32>) -> Option<Kind> {
    queue.next_kind(|_| true)
}

fn take(queue: &mut Queue<u32>) -> Vec<Job<u32>> {
    let kind = next(queue).expect("something is ready");
    queue.take(kind, ALL)
}

#[test]
fn jobs_of_one_kind_go_together_and_the_longest_waiting_kind_goes_first() {
    let mut queue = Queue::default();
    queue.push("a", set(1), 1);
    queue.push("b", SessionOp::Get, 2);
    queue.push("c", touch(1), 3);
    let first = take(&mut queue);
    assert_eq!(first.iter().map(|job| &*job.sid).collect::<Vec<_>>(), ["a", "c"]);
    assert_eq!(&*take(&mut queue)[0].sid, "b");
    assert_eq!(next(&queue), None);
}

#[test]
fn a_session_has_one_job_out_at_a_time() {
    let mut queue = Queue::default();
    queue.push("a", set(1), 1);
    let under_way = take(&mut queue);
    queue.push("a", SessionOp::Get, 2);
    assert_eq!(next(&queue), None);
    queue.finish(&under_way[0].sid);
    assert_eq!(take(&mut queue)[0].replies, [2]);
}

#[test]
fn waiting_writes_of_one_session_become_the_last_one_and_answer_everyone() {
    let mut queue = Queue::default();
    queue.push("a", set(1), 1);
    queue.push("a", touch(5), 2);
    queue.push("a", set(2), 3);
    queue.push("a", set(3), 4);
    let jobs = take(&mut queue);
    assert_eq!((jobs.len(), &jobs[0].op, &jobs[0].replies[..]), (1, &set(1), &[1][..]));
    queue.finish(&jobs[0].sid);
    let jobs = take(&mut queue);
    assert_eq!((&jobs[0].op, &jobs[0].replies[..]), (&set(3), &[2, 3, 4][..]));
}

#[test]
fn a_touch_without_a_cookie_does_not_swallow_one_with_a_cookie() {
    let mut queue = Queue::default();
    let cookie = RawDocumentBuf::try_from(&mongodb::bson::doc! { "session.cookie": 1 }).expect("valid");
    queue.push("a", SessionOp::Touch { expires: 1, cookie, ends: None }, 1);
    queue.push("a", touch(2), 2);
    assert_eq!(take(&mut queue)[0].replies, [1]);
}

#[test]
fn what_fixes_the_end_of_a_session_is_not_dropped_for_what_fixes_another() {
    let touch = |ends| SessionOp::Touch { expires: 1, cookie: RawDocumentBuf::new(), ends };
    let save = |ends, dated: &[&str]| {
        let dated = dated.iter().map(|path| ((*path).to_owned(), true.into())).collect::<Document>();
        let none = RawDocumentBuf::new();
        let dated = RawDocumentBuf::try_from(&dated).expect("valid");
        let beside = Some(Box::new(Beside { set: none.clone(), unset: none, dated, ends }));
        SessionOp::Write(Box::new(Write {
            expires: 1,
            change: Change::Whole(elements(1)),
            creates: true,
            beside,
        }))
    };
    for (before, after, covered) in [
        (touch(Some(1)), touch(Some(1)), true),
        (touch(Some(1)), touch(Some(2)), false),
        (touch(Some(1)), save(Some(1), &[]), true),
        (touch(Some(1)), set(1), false),
        (save(Some(1), &[]), save(Some(2), &[]), false),
        (save(None, &["userSince"]), save(None, &["userSince"]), true),
        (save(None, &["userSince"]), save(None, &[]), false),
        (save(None, &[]), save(None, &["userSince"]), true),
    ] {
        assert_eq!(before.is_covered_by(&after), covered, "{before:?}, then {after:?}");
    }
}

#[test]
fn a_destroy_is_not_merged_with_the_set_that_follows_it() {
    let mut queue = Queue::default();
    queue.push("a", DESTROY, 1);
    queue.push("a", set(1), 2);
    let jobs = take(&mut queue);
    assert_eq!(jobs[0].op, DESTROY);
    queue.finish(&jobs[0].sid);
    assert_eq!(take(&mut queue)[0].op, set(1));
}

#[test]
fn a_share_limits_jobs_and_bytes_but_lets_one_large_session_through() {
    let mut queue = Queue::default();
    for sid in ["a", "b", "c"] {
        queue.push(sid, set(1), 0);
    }
    assert_eq!(queue.take(Kind::Update, BatchLimit { jobs: 2, bytes: usize::MAX }).len(), 2);
    queue.push("d", set(1), 0);
    assert_eq!(queue.take(Kind::Update, BatchLimit { jobs: 9, bytes: 1 }).len(), 1);
}

#[test]
fn counts_who_waits_and_forgets_lanes_that_are_done() {
    let mut queue = Queue::default();
    queue.push("a", set(1), 1);
    queue.push("a", set(2), 2);
    assert_eq!((queue.waiting(), queue.waiting_bytes()), (2, set(2).bytes()));
    let jobs = take(&mut queue);
    assert_eq!((queue.waiting(), queue.waiting_bytes()), (0, 0));
    queue.finish(&jobs[0].sid);
    assert!(queue.lanes.is_empty());
}

#[test]
fn callers_whose_time_is_over_are_taken_out_and_the_rest_goes_on_in_order() {
    let mut queue = Queue::default();
    queue.push("a", set(1), 1);
    let under_way = take(&mut queue);
    queue.push("a", SessionOp::Get, 2);
    queue.push("a", set(2), 13);
    queue.push("old", DESTROY, 4);
    queue.push("new", SessionOp::Get, 15);
    let mut expired = queue.expire(|reply| *reply < 10);
    expired.sort_unstable();
    assert_eq!(expired, [2, 4]);
    assert_eq!((queue.waiting(), queue.waiting_bytes()), (2, set(2).bytes()));
    assert_eq!(take(&mut queue)[0].replies, [15]);
    assert_eq!(next(&queue), None);
    queue.finish(&under_way[0].sid);
    assert_eq!(take(&mut queue)[0].replies, [13]);
}

#[test]
fn a_job_that_somebody_else_still_waits_for_is_sent() {
    let mut queue = Queue::default();
    queue.push("other", set(1), 11);
    queue.push("a", set(1), 1);
    queue.push("a", set(2), 12);
    assert_eq!(queue.expire(|reply| *reply < 10), [1]);
    assert_eq!(queue.waiting(), 2);
    let jobs = take(&mut queue);
    assert_eq!(jobs.iter().map(|job| job.replies.clone()).collect::<Vec<_>>(), [[11], [12]]);
}

#[test]
fn writes_of_a_session_under_suspicion_go_alone_until_it_is_trusted() {
    let mut queue = Queue::default();
    let sizes = |queue: &mut Queue<u32>| {
        for (reply, sid) in ["a", "b", "stuck", "c", "d"].into_iter().enumerate() {
            queue.push(sid, set(reply), reply as u32);
        }
        let mut sizes = Vec::new();
        while next(queue).is_some() {
            let jobs = take(queue);
            jobs.iter().for_each(|job| queue.finish(&job.sid));
            sizes.push(jobs.len());
        }
        sizes
    };
    assert_eq!(sizes(&mut queue), [5]);
    queue.suspect(&"stuck".into());
    assert_eq!(sizes(&mut queue), [2, 1, 2]);
    queue.trust("stuck");
    assert_eq!(sizes(&mut queue), [2, 1, 2], "once on time is not enough");
    (1..PROBATION).for_each(|_| queue.trust("stuck"));
    assert_eq!(sizes(&mut queue), [5]);
}

#[test]
fn kinds_without_a_server_stay_and_the_others_go() {
    let mut queue = Queue::default();
    queue.push("a", set(1), 1);
    queue.push("b", SessionOp::Get, 2);
    assert_eq!(queue.next_kind(Kind::reads), Some(Kind::Lookup));
    assert_eq!(queue.next_kind(|_| false), None);
}

/// What one session looks like to a caller: its content and expiry.
type State = Option<(i64, i64)>;

fn apply(state: &mut State, op: &SessionOp) {
    let content = |session: &RawDocumentBuf| session.get_i64("n").expect("set by this test");
    match op {
        SessionOp::Get => {}
        SessionOp::Write(write) => match (&write.change, state.as_mut()) {
            (Change::Whole(session), Some(state)) => *state = (content(session), write.expires),
            (Change::Patch(_), Some(state)) => state.1 = write.expires,
            (Change::Whole(session) | Change::Patch(Patch { whole: session, .. }), None) => {
                if write.creates {
                    *state = Some((content(session), write.expires));
                }
            }
        },
        SessionOp::Touch { expires, .. } => {
            if let Some((_, old)) = state {
                *old = *expires;
            }
        }
        SessionOp::Destroy { .. } => *state = None,
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
        queue.push("a", before.clone(), 1);
        queue.push("a", after.clone(), 2);
        let first = take(&mut queue);
        queue.finish(&first[0].sid);
        let sent = 1 + usize::from(next(&queue).is_some());
        assert_eq!(sent, jobs, "{before:?}, then {after:?}");
    }
}

#[test]
fn what_a_patch_may_have_to_store_whole_counts_as_waiting_but_not_as_sent() {
    let mut queue = Queue::default();
    let job = patch(1, true);
    let (sent, held) = (job.bytes(), job.held_bytes());
    assert!(sent < held);
    queue.push("a", job, 1);
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
        let mut under_way: Vec<Vec<Job<u32>>> = Vec::new();
        for reply in 0..200u32 {
            let sid = ["a", "b", "c"][(random(&mut seed) % 3) as usize];
            let op = match random(&mut seed) % 6 {
                0 => SessionOp::Get,
                1 => set(reply as usize),
                3 => replace(reply as usize),
                4 => patch(reply as usize, reply.is_multiple_of(2)),
                2 => touch(i64::from(reply)),
                _ => DESTROY,
            };
            let state = expected.entry(sid).or_default();
            apply(state, &op);
            if op == SessionOp::Get {
                answers.insert(reply, (*state, Some((-1, -1))));
            }
            queue.push(sid, op, reply);
            // Commands leave and end at random, in any order.
            while random(&mut seed).is_multiple_of(3) {
                if under_way.len() < 3
                    && let Some(kind) = next(&queue)
                {
                    under_way.push(queue.take(kind, BatchLimit { jobs: 2, bytes: usize::MAX }));
                } else if !under_way.is_empty() {
                    let one = under_way.swap_remove(random(&mut seed) as usize % under_way.len());
                    run(&mut queue, &mut stored, &mut answers, one);
                }
            }
        }
        while let Some(one) = under_way.pop().or_else(|| next(&queue).map(|kind| queue.take(kind, ALL))) {
            run(&mut queue, &mut stored, &mut answers, one);
        }
        for (reply, (expected, seen)) in &answers {
            assert_eq!(expected, seen, "get {reply}");
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
        apply(state, &job.op);
        for reply in &job.replies {
            if let Some((_, seen)) = answers.get_mut(reply) {
                *seen = *state;
            }
        }
        queue.finish(&job.sid);
    }
}
