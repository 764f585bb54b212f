//! Records that are longer than an item may be, interrupted at every single step.

use std::sync::Arc;

use replug_core::Code;
use replug_keychain::fake::{Fault, FaultyStore, Operation};
use replug_keychain::{MemoryStore, Store};

use crate::support::{LONG, bytes, code, connector, keychain, record};

/// Just above what the head's line needs, so that a small record already has many parts.
const LIMIT: usize = 128;

fn small_items() -> (Arc<MemoryStore>, FaultyStore) {
    let memory = Arc::new(MemoryStore::new());
    let store = FaultyStore::over(Arc::clone(&memory) as Arc<dyn Store>).with_limit(LIMIT);
    (memory, store)
}

#[tokio::test]
async fn a_record_longer_than_an_item_is_kept_in_parts() {
    let (memory, store) = small_items();
    let keychain = keychain(&store);
    for length in [1, 10, 127, 128, 129, 1_000, 5_000] {
        let written = record(&connector(), 1, length);
        keychain.write(&written, "One", LONG).await.unwrap();
        let read = keychain.read(&connector(), LONG).await.unwrap().expect("the record is there");
        assert_eq!(bytes(&read), bytes(&written), "a token of {length} characters is kept");
        let parts = bytes(&written).len().div_ceil(LIMIT);
        assert_eq!(memory.accounts().len(), parts + 1, "the old parts are dropped");
    }
    keychain.delete(&connector(), LONG).await.unwrap();
    assert_eq!(memory.accounts(), [] as [String; 0], "no part is left behind");
}

#[tokio::test]
async fn a_limit_is_met_exactly() {
    let (_, store) = small_items();
    let whole = bytes(&record(&connector(), 1, 0)).len() + 110;
    for limit in [whole - 1, whole, whole + 1] {
        let keychain = keychain(&store.clone().with_limit(limit));
        keychain.write(&record(&connector(), 1, 0), "One", LONG).await.expect("fits, in parts or whole");
        assert!(keychain.read(&connector(), LONG).await.unwrap().is_some(), "with a limit of {limit}");
    }
}

#[tokio::test]
async fn a_limit_too_small_for_anything_is_named() {
    let (_, store) = small_items();
    let write = keychain(&store.with_limit(20)).write(&record(&connector(), 1, 40), "One", LONG).await;
    assert_eq!(code(write), Code::KeyWriteLost);
}

/// Every pair of sizes: whole to parts, parts to whole, growing, shrinking.
const SIZES: [(usize, usize); 4] = [(600, 300), (300, 600), (600, 600), (1_500, 10)];

#[tokio::test]
async fn a_write_cut_at_any_step_leaves_the_old_record_or_the_new_one() {
    for cut in [Fault::CutBefore, Fault::CutAfter] {
        for (old_length, new_length) in SIZES {
            let mut step = 1;
            while cut_write(cut, step, old_length, new_length).await {
                step += 1;
            }
            assert!(step > 4, "{old_length} to {new_length}: several steps were cut, not {step}");
        }
    }
}

/// Replaces a record while the store fails at the given change. Returns whether there was such a change.
async fn cut_write(cut: Fault, step: usize, old_length: usize, new_length: usize) -> bool {
    let (memory, store) = small_items();
    let (old, new) = (record(&connector(), 1, old_length), record(&connector(), 2, new_length));
    let first = keychain(&store);
    first.write(&old, "One", LONG).await.unwrap();
    let before = store.calls(Operation::Change);
    store.fail_at(Operation::Change, step, cut);
    let outcome = first.write(&new, "One", LONG).await;
    let reached = store.calls(Operation::Change) - before >= step;
    assert_eq!(outcome.is_err(), reached, "a cut is never reported as success: {cut:?} at {step}");
    store.heal();

    // As after a crash: another process, with nothing in its memory.
    let second = keychain(&store);
    let read = second.read(&connector(), LONG).await.expect("readable").expect("never nothing");
    let in_full = bytes(&read) == bytes(&old) || bytes(&read) == bytes(&new);
    assert!(in_full, "{cut:?} at change {step}, {old_length} to {new_length}: the old or the new one in full");

    let third = record(&connector(), 3, 450);
    second.write(&third, "One", LONG).await.expect("the next write goes through");
    let read = second.read(&connector(), LONG).await.unwrap().expect("the third record");
    assert_eq!(bytes(&read), bytes(&third), "and counts");
    let parts = bytes(&third).len().div_ceil(LIMIT);
    assert_eq!(memory.accounts().len(), parts + 1, "and nothing of the cut write is left: {:?}", memory.accounts());
    reached
}

#[tokio::test]
async fn a_delete_cut_at_any_step_leaves_the_record_or_nothing_and_can_be_repeated() {
    for cut in [Fault::CutBefore, Fault::CutAfter] {
        for step in 1..=9 {
            let (memory, store) = small_items();
            let keychain = keychain(&store);
            keychain.write(&record(&connector(), 1, 600), "One", LONG).await.unwrap();
            store.fail_at(Operation::Change, step, cut);
            let outcome = keychain.delete(&connector(), LONG).await;
            store.heal();
            let read = keychain.read(&connector(), LONG).await.expect("never damaged");
            assert!(outcome.is_err() || read.is_none(), "{cut:?} at {step}: success means that it is gone");
            keychain.delete(&connector(), LONG).await.unwrap();
            assert_eq!(memory.accounts(), [] as [String; 0], "{cut:?} at {step}: repeated, it leaves nothing");
        }
    }
}

#[tokio::test]
async fn a_part_that_is_lost_or_changed_is_never_taken_for_the_record() {
    for fault in [Fault::Forget, Fault::Corrupt] {
        let (memory, store) = small_items();
        let keychain = keychain(&store);
        keychain.write(&record(&connector(), 1, 600), "One", LONG).await.unwrap();
        let part = memory.accounts().pop().expect("a part");
        match fault {
            Fault::Forget => memory.delete(&part).unwrap(),
            _ => memory.write(&part, "", &memory.read("aaaaaaaaaa").unwrap().expect("the head")).unwrap(),
        }
        assert_eq!(code(keychain.read(&connector(), LONG).await), Code::KeyUnreadable, "{fault:?}");
    }
}

#[tokio::test]
async fn a_record_replaced_between_two_looks_is_read_in_full() {
    let (memory, store) = small_items();
    let keychain = keychain(&store);
    let new = record(&connector(), 2, 600);
    keychain.write(&new, "One", LONG).await.unwrap();
    // The first look meets a part of the record before: it does not fit the head, and the second look finds what does.
    store.fail_at(Operation::Read, 3, Fault::Corrupt);
    let read = keychain.read(&connector(), LONG).await.unwrap().expect("the record is there");
    assert_eq!(bytes(&read), bytes(&new));
    assert!(memory.accounts().len() > 2, "it was in parts");
}
