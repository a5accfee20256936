//! Host patterns as `ssh_config(5)` defines them: `*`, `?`, and `!` for exceptions.

/// Whether one of `patterns` matches `host` and no pattern with `!` does.
pub fn any_matches<'a>(patterns: impl IntoIterator<Item = &'a str>, host: &str) -> bool {
    let mut matched = false;
    for pattern in patterns {
        match pattern.strip_prefix('!') {
            Some(exception) if matches(exception.as_bytes(), host.as_bytes()) => return false,
            Some(_) => {}
            None => matched |= matches(pattern.as_bytes(), host.as_bytes()),
        }
    }
    matched
}

/// Takes time in proportion to the product of both lengths, whatever the pattern is.
fn matches(pattern: &[u8], host: &[u8]) -> bool {
    // `reachable[i]` says whether the pattern so far can end just before byte `i` of the host.
    let mut reachable = vec![false; host.len() + 1];
    if let Some(start) = reachable.first_mut() {
        *start = true;
    }
    for &symbol in pattern {
        let mut next = vec![false; reachable.len()];
        let mut before = false;
        for (index, slot) in next.iter_mut().enumerate() {
            let here = reachable.get(index).copied().unwrap_or(false);
            let taken = index.checked_sub(1).and_then(|last| host.get(last));
            *slot = match symbol {
                b'*' => here || before,
                b'?' => taken.is_some() && reachable.get(index - 1) == Some(&true),
                _ => taken == Some(&symbol) && reachable.get(index - 1) == Some(&true),
            };
            before = *slot;
        }
        reachable = next;
    }
    reachable.last() == Some(&true)
}

#[cfg(test)]
mod tests {
    use super::any_matches;

    #[test]
    fn patterns_match_as_in_openssh() {
        for (patterns, host, expected) in [
            ("gpu01", "gpu01", true),
            ("gpu01", "gpu011", false),
            ("gpu*", "gpu", true),
            ("*", "anything", true),
            ("*.example.com", "a.b.example.com", true),
            ("*.example.com", "example.com", false),
            ("gpu0?", "gpu07", true),
            ("gpu0?", "gpu0", false),
            ("10.0.*.?", "10.0.17.4", true),
            ("*a*b*", "xxaxxbxx", true),
            ("*a*b*", "xxbxxaxx", false),
            ("* !gpu02", "gpu02", false),
            ("!gpu02", "gpu01", false),
            ("", "", false),
        ] {
            assert_eq!(
                any_matches(patterns.split_whitespace(), host),
                expected,
                "{patterns} {host}"
            );
        }
    }

    #[test]
    fn a_hostile_pattern_takes_no_longer() {
        let pattern = "*a".repeat(500);
        assert!(!any_matches([pattern.as_str()], &"a".repeat(499)));
    }
}
