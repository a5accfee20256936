//! The layers that renderers other than Blender write by default, by the channel names in their manuals.
#![allow(clippy::unwrap_used, reason = "a test fails by it")]

mod common;

use common::{Exr, FLOAT};
use cosmos_exr::{Control, Layout};

fn layout(channels: &[&str]) -> Layout {
    let channels: Vec<(&str, i32)> = channels.iter().map(|name| (*name, FLOAT)).collect();
    Exr::new(&channels).layout()
}

/// Layers taken for color, depth, segmentation, edge and vis.
fn taken(layout: &Layout) -> [Option<String>; 5] {
    Control::ALL.map(|control| layout.choose(control).layer)
}

fn some(names: [&str; 5]) -> [Option<String>; 5] {
    names.map(|name| (!name.is_empty()).then(|| name.to_owned()))
}

#[test]
fn names_of_other_renderers() {
    let table: &[(&str, &[&str], [&str; 5])] = &[
        (
            "Mantra",
            &["C.R", "C.G", "C.B", "C.A", "Pz", "N.x", "N.y", "N.z"],
            ["C", "Pz", "", "", ""],
        ),
        (
            "Karma",
            &[
                "C.r", "C.g", "C.b", "C.a", "depth", "hitN.x", "hitN.y", "hitN.z", "primid",
            ],
            ["C", "depth", "primid", "", ""],
        ),
        (
            "Karma, Cryptomatte",
            &[
                "C.R",
                "C.G",
                "C.B",
                "hitPz",
                "CryptoMaterial00.r",
                "CryptoMaterial00.g",
                "CryptoObject00.r",
                "CryptoObject00.g",
            ],
            ["C", "hitPz", "CryptoObject", "", ""],
        ),
        (
            "Arnold",
            &[
                "R",
                "G",
                "B",
                "A",
                "Z",
                "N.X",
                "N.Y",
                "N.Z",
                "crypto_asset00.R",
                "crypto_asset00.G",
                "crypto_asset00.B",
                "crypto_asset00.A",
                "crypto_asset.R",
                "crypto_asset.G",
                "crypto_asset.B",
            ],
            ["RGBA", "Z", "crypto_asset", "", ""],
        ),
        (
            "Redshift",
            &[
                "R",
                "G",
                "B",
                "A",
                "Z",
                "ObjectID.R",
                "PuzzleMatte.R",
                "PuzzleMatte.G",
                "PuzzleMatte.B",
            ],
            ["RGBA", "Z", "ObjectID", "", ""],
        ),
        (
            "V-Ray",
            &[
                "R",
                "G",
                "B",
                "VRayZDepth.R",
                "MultiMatte.R",
                "MultiMatte.G",
                "MultiMatte.B",
                "VRayCryptomatte00.R",
                "VRayCryptomatte00.G",
                "VRayRenderID.R",
            ],
            ["RGBA", "VRayZDepth", "VRayCryptomatte", "", ""],
        ),
        (
            "Octane",
            &[
                "Beauty.R",
                "Beauty.G",
                "Beauty.B",
                "Z-depth.Y",
                "Object layer ID.Y",
            ],
            ["Beauty", "Z-depth", "Object layer ID", "", ""],
        ),
        (
            "Unreal",
            &[
                "R",
                "G",
                "B",
                "A",
                "FinalImageMovieRenderQueue_WorldDepth.R",
                "FinalImageMovieRenderQueue_WorldDepth.G",
                "FinalImageMovieRenderQueue_WorldDepth.B",
                "ActorHitProxyMask00.R",
                "ActorHitProxyMask00.G",
                "ActorHitProxyMask01.R",
                "ActorHitProxyMask01.G",
            ],
            [
                "RGBA",
                "FinalImageMovieRenderQueue_WorldDepth",
                "ActorHitProxyMask",
                "",
                "",
            ],
        ),
        (
            "Unreal, graph",
            &[
                "FinalImage.R",
                "FinalImage.G",
                "FinalImage.B",
                "FinalImagePPM_SceneDepth.R",
                "FinalImageMovieRenderQueue_MotionVectors.R",
            ],
            ["FinalImage", "FinalImagePPM_SceneDepth", "", "", ""],
        ),
        (
            "Nuke",
            &["red", "green", "blue", "alpha", "depth.Z", "mask.a"],
            ["RGBA", "depth", "", "", ""],
        ),
        (
            "RenderMan",
            &["Ci.r", "Ci.g", "Ci.b", "z", "id"],
            ["Ci", "z", "id", "", ""],
        ),
        (
            "Freestyle",
            &[
                "rgba.R",
                "rgba.G",
                "rgba.B",
                "Freestyle.R",
                "Freestyle.G",
                "Freestyle.B",
                "Freestyle.A",
                "vis.R",
                "vis.G",
                "vis.B",
            ],
            ["rgba", "", "", "Freestyle", "vis"],
        ),
        (
            "Unreal, two cameras",
            &[
                "FinalImageMovieRenderQueue_MotionVectors.R",
                "FinalImageMovieRenderQueue_MotionVectors.G",
                "FinalImageMovieRenderQueue_MotionVectors.B",
                "FinalImage_CamA.R",
                "FinalImage_CamA.G",
                "FinalImage_CamA.B",
                "FinalImageMovieRenderQueue_WorldDepth_CamA.R",
            ],
            [
                "FinalImage_CamA",
                "FinalImageMovieRenderQueue_WorldDepth_CamA",
                "",
                "",
                "",
            ],
        ),
    ];
    for (renderer, channels, controls) in table {
        assert_eq!(taken(&layout(channels)), some(*controls), "{renderer}");
    }
}
