//! One frame of 1920x1080 through each view, on one thread.

use std::hint::black_box;

use cosmos_color::{Chromaticities, Pixels, Transform, View};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

fn views(criterion: &mut Criterion) {
    const PIXELS: usize = 1920 * 1080;
    // As a render has it: neighbors alike, five stops either side of middle gray, a few lights far above.
    let frame: Vec<f32> = (0..3 * PIXELS)
        .map(|index| {
            let (pixel, channel) = (index / 3, index % 3);
            let (x, y) = (
                (pixel % 1920) as f32 / 1920.0,
                (pixel / 1920) as f32 / 1080.0,
            );
            let light = 0.18 * (10.0 * (x - 0.5) + 3.0 * (40.0 * y).sin()).exp2();
            light * (1.0 - 0.25 * channel as f32 * y)
        })
        .collect();
    let mut shown = vec![0; 3 * PIXELS];
    let mut group = criterion.benchmark_group("views");
    group
        .sample_size(10)
        .throughput(Throughput::Elements(PIXELS as u64));
    for view in View::ALL {
        let transform = Transform::new(view, 0.0, 1.0, &Chromaticities::REC709)
            .expect("the settings are in range");
        group.bench_function(view.name(), |bencher| {
            bencher.iter(|| {
                transform.apply_rgb8(Pixels::Rgb(black_box(&frame)), black_box(&mut shown))
            });
        });
    }
    group.finish();
}

criterion_group!(benches, views);
criterion_main!(benches);
