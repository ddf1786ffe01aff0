//! Replays what fuzzing has found, and where it starts from: every input in `fuzz/corpus` through its target's
//! function. `npm run fuzz` goes on from there; `tools/fuzz/archive.js` has the form of the archives.

#[path = "../../fuzz/src/lib.rs"]
#[allow(unreachable_pub, reason = "public for the crate of the targets")]
mod fuzz;

use std::collections::BTreeSet;
use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

/// What all archives of the corpus may have together, so that it stays fit for a repository.
const MOST_BYTES: u64 = 400_000;

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz").join(name)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    entries.map(|entry| entry.expect("readable").path()).collect()
}

fn stems(folder: &Path) -> BTreeSet<String> {
    let stem = |path: PathBuf| path.file_stem().expect("a name").to_string_lossy().into_owned();
    files(folder).into_iter().map(stem).collect()
}

/// The inputs of a target's archive, by name.
fn inputs(target: &str) -> Vec<(String, Vec<u8>)> {
    let archive = folder("corpus").join(format!("{target}.txt"));
    let text = fs::read_to_string(&archive).unwrap_or_else(|error| panic!("{}: {error}", archive.display()));
    let input = |line: &str| {
        let (name, bytes) = line.split_once(' ').expect("a name and bytes");
        (name.to_owned(), BASE64_STANDARD.decode(bytes).expect("base64"))
    };
    text.lines().map(input).collect()
}

#[test]
fn no_input_of_the_corpus_breaks_a_promise() {
    let mut broken = Vec::new();
    for (target, run) in fuzz::TARGETS {
        let inputs = inputs(target);
        assert!(inputs.len() > 1, "{target} has no corpus");
        for (name, bytes) in inputs {
            if catch_unwind(|| run(&bytes)).is_err() {
                broken.push(format!("{target}: {name}"));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn every_target_is_fuzzed_and_replayed() {
    let names: BTreeSet<String> = fuzz::TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(stems(&folder("corpus")), names);
    assert_eq!(stems(&folder("fuzz_targets")), names);
    let manifest = fs::read_to_string(folder("Cargo.toml")).expect("readable");
    for name in names {
        assert!(manifest.contains(&format!("path = \"fuzz_targets/{name}.rs\"")), "{name} is not built");
    }
}

#[test]
fn the_corpus_is_small() {
    let archives = files(&folder("corpus"));
    let bytes: u64 = archives.iter().map(|file| fs::metadata(file).expect("readable").len()).sum();
    assert!(bytes < MOST_BYTES, "{bytes} bytes");
}
