//! SHA-256 of SHA-256 of SHA-256.

use sha2::{Digest, Sha256};

use crate::kernel::{Advance, Resumable, within};
use crate::{Compute, Known, Step, Work, identical};

/// What hashing begins with.
fn first_message(seed: u64) -> [u8; 32] {
    let mut message = *b"interleave hashes this: ........";
    message[24..].copy_from_slice(&seed.to_be_bytes());
    message
}

/// The first four bytes of the last hash, as a number that begins like it.
fn answer_from(hash: &[u8; 32]) -> u64 {
    u64::from(u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]]))
}

/// Each hash is of the one before.
pub(crate) struct HashChain {
    left: u32,
    hash: [u8; 32],
}

impl HashChain {
    pub(crate) fn new(hashes: u32, seed: u64) -> HashChain {
        HashChain { left: hashes, hash: first_message(seed) }
    }
}

impl Resumable for HashChain {
    fn advance(&mut self, units: u64) -> Advance {
        let now = within(self.left, units, 1);
        for _ in 0..now {
            self.hash = Sha256::digest(self.hash).into();
        }
        self.left -= now;
        Advance { units: now.into(), is_done: self.left == 0 }
    }

    fn answer(&self) -> u64 {
        answer_from(&self.hash)
    }

    fn unit_nanos(&self) -> u64 {
        350
    }
}

/// The first 32 bits of the fractional parts of the cube roots of the first 64 primes.
#[rustfmt::skip]
const ROUNDS: [u32; 64] = [
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
];

/// The first 32 bits of the fractional parts of the square roots of the first eight primes.
const START: [u32; 8] =
    [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19];

/// The hash of exactly 32 bytes, written down from the standard (FIPS 180-4) and independent of the crate `sha2`.
// Kept a function of its own: a browser puts better code in its place between two calls, but never within one.
#[inline(never)]
fn by_the_standard(message: &[u8; 32]) -> [u8; 32] {
    let mut words = [0u32; 64];
    for (word, bytes) in words.iter_mut().zip(message.chunks_exact(4)) {
        *word = u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
    }
    words[8] = 1 << 31;
    words[15] = 256;
    for t in 16..64 {
        let (near, far) = (words[t - 2], words[t - 15]);
        let near = near.rotate_right(17) ^ near.rotate_right(19) ^ (near >> 10);
        let far = far.rotate_right(7) ^ far.rotate_right(18) ^ (far >> 3);
        words[t] = near.wrapping_add(words[t - 7]).wrapping_add(far).wrapping_add(words[t - 16]);
    }
    let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = START;
    for (constant, word) in ROUNDS.iter().zip(words) {
        let sum = e.rotate_right(6) ^ e.rotate_right(11) ^ e.rotate_right(25);
        let choice = (e & f) ^ (!e & g);
        let first = h.wrapping_add(sum).wrapping_add(choice).wrapping_add(*constant).wrapping_add(word);
        let sum = a.rotate_right(2) ^ a.rotate_right(13) ^ a.rotate_right(22);
        let majority = (a & b) ^ (a & c) ^ (b & c);
        (h, g, f, e) = (g, f, e, d.wrapping_add(first));
        (d, c, b, a) = (c, b, a, first.wrapping_add(sum.wrapping_add(majority)));
    }
    let mut hash = [0; 32];
    for ((bytes, start), end) in hash.chunks_exact_mut(4).zip(START).zip([a, b, c, d, e, f, g, h]) {
        bytes.copy_from_slice(&start.wrapping_add(end).to_be_bytes());
    }
    hash
}

/// One job's answer: of the parts of the chain, only the last has one.
fn along_the_chain(hashes: u32, seed: u64) -> impl Iterator<Item = u64> {
    const PART: u32 = 1_000;
    let mut rest = Some((first_message(seed), hashes));
    std::iter::from_fn(move || {
        let (message, left) = rest.take()?;
        let now = left.min(PART);
        let last = (0..now).fold(message, |message, _| by_the_standard(&message));
        if now == left {
            return Some(answer_from(&last));
        }
        rest = Some((last, left - now));
        Some(0)
    })
}

/// Every job hashes the same message, then the hash, `hashes` times in all. Its answer is the beginning of the last hash.
pub fn sha256(jobs: u32, hashes: u32, seed: u64) -> Work {
    let expected = Known::in_parts(along_the_chain(hashes, seed).map(move |part| u64::from(jobs) * part));
    Work::apart(identical(jobs, &[Step::Compute(Compute::Sha256 { hashes, seed })]), expected)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::kernel::tests::answer_in_quanta;

    #[test]
    fn both_ways_agree_with_a_published_hash() {
        // The hash of 32 zero bytes, as coreutils' sha256sum gives it.
        let zeros = "66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925";
        let text = |hash: [u8; 32]| hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        assert_eq!(text(by_the_standard(&[0; 32])), zeros);
        assert_eq!(text(Sha256::digest([0; 32]).into()), zeros);
    }

    proptest! {
        #[test]
        fn the_quantum_changes_nothing(hashes in 0u32..2_000, seed: u64, quantum in 1u64..500) {
            let chained = answer_in_quanta(Compute::Sha256 { hashes, seed }, quantum);
            prop_assert_eq!(chained, sha256(1, hashes, seed).expected.answer());
        }
    }
}
