use cosmos_workflow::Error;
use cosmos_workflow::layers::View;
use cosmos_workflow::modality::Modality;
use cosmos_workflow::workflows::ExrOptions;

/// How the layers of OpenEXR frames become pictures.
#[derive(clap::Args)]
#[command(next_help_heading = "OpenEXR")]
pub struct LayerArgs {
    /// How linear color is shown: standard (sRGB), filmic, agx, aces or raw [default: that of the renderer, which is said]
    #[arg(long, value_parser = view)]
    view: Option<View>,
    /// Stops by which linear color is made brighter
    #[arg(long, default_value_t = 0.0, allow_negative_numbers = true)]
    exposure: f32,
    /// Take this layer for a control, as in depth=ViewLayer.Depth; repeatable
    #[arg(long = "layer", value_name = "CONTROL=LAYER")]
    layers: Vec<String>,
    /// The view of a stereo file to take, such as left
    #[arg(long)]
    eye: Option<String>,
}

fn view(text: &str) -> Result<View, String> {
    text.parse().map_err(|error| format!("{error}"))
}

impl LayerArgs {
    /// What the options say.
    pub fn options(&self) -> Result<ExrOptions, Error> {
        let mut options = ExrOptions {
            view: self.view,
            exposure: self.exposure,
            eye: self.eye.clone(),
            ..ExrOptions::default()
        };
        for text in &self.layers {
            let parts = text.split_once('=');
            let parsed = parts.and_then(|(modality, layer)| {
                Some((modality.trim().parse::<Modality>().ok()?, layer.trim()))
            });
            let Some((modality, layer)) = parsed.filter(|(_, layer)| !layer.is_empty()) else {
                return Err(Error::Usage {
                    message: format!("`{text}` names no layer for a control"),
                    hint: "write it as in --layer depth=ViewLayer.Depth".into(),
                });
            };
            options.chosen.insert(modality, layer.to_owned());
        }
        Ok(options)
    }
}
