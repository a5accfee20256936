//! One frame of 1280x720 through each control, on one thread.

use std::hint::black_box;

use cosmos_derive::{Blur, Edge, Program, Scratch, Strength};
use criterion::{Criterion, criterion_group, criterion_main};

const WIDTH: usize = 1280;
const HEIGHT: usize = 720;

/// Waves, blocks and some noise: edges of every direction.
fn frame() -> Vec<u8> {
    let mut noise = 1u32;
    (0..3 * WIDTH * HEIGHT)
        .map(|index| {
            let (pixel, channel) = (index / 3, index % 3);
            let (x, y) = (pixel % WIDTH, pixel / WIDTH);
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let wave = 90.0
                + 60.0 * ((x as f32 * 0.03).sin() + (y as f32 * 0.02 * (channel + 1) as f32).cos());
            let block = if (x / 90 + y / 70).is_multiple_of(3) {
                50
            } else {
                0
            };
            (wave as u8)
                .saturating_add(block)
                .saturating_add((noise >> 29) as u8)
        })
        .collect()
}

fn controls(criterion: &mut Criterion) {
    let frame = frame();
    let mut scratch = Scratch::default();
    let mut group = criterion.benchmark_group("edge");
    group.sample_size(10);
    for strength in [Strength::VeryLow, Strength::Medium] {
        group.bench_function(strength.name(), |bencher| {
            bencher
                .iter(|| Edge::new(strength).apply(black_box(&frame), WIDTH, HEIGHT, &mut scratch));
        });
    }
    group.finish();
    let mut group = criterion.benchmark_group("vis");
    group.sample_size(10);
    for (name, program) in [
        ("transfer1", Program::Transfer1),
        ("transfer25", Program::Transfer25),
        ("cosmos3", Program::Cosmos3),
    ] {
        for strength in Strength::ALL {
            group.bench_function(format!("{name} {strength}"), |bencher| {
                bencher.iter(|| {
                    Blur::new(program, strength).apply(
                        black_box(&frame),
                        WIDTH,
                        HEIGHT,
                        &mut scratch,
                    )
                });
            });
        }
    }
    group.finish();
}

criterion_group!(benches, controls);
criterion_main!(benches);
