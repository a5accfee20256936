//! Small ONNX graphs, written as the protocol buffers that `onnx.proto` defines.

use std::fs;
use std::path::Path;

/// The element types of `TensorProto.DataType`.
pub const F32: u64 = 1;
pub const U8: u64 = 2;
pub const I64: u64 = 7;

/// A graph that answers with constants, whatever it is shown.
pub struct Graph {
    opset: u64,
    inputs: Vec<Outlet>,
    outputs: Vec<(Outlet, Vec<f32>)>,
}

struct Outlet {
    name: String,
    element: u64,
    shape: Vec<usize>,
}

impl Graph {
    pub fn new() -> Self {
        Self {
            opset: 17,
            inputs: Vec::new(),
            outputs: Vec::new(),
        }
    }

    pub fn opset(self, opset: u64) -> Self {
        Self { opset, ..self }
    }

    pub fn input(mut self, name: &str, element: u64, shape: &[usize]) -> Self {
        self.inputs.push(Outlet::new(name, element, shape));
        self
    }

    /// An output of `shape` that repeats `values`.
    pub fn answer(mut self, name: &str, shape: &[usize], values: &[f32]) -> Self {
        let length = shape.iter().product();
        let values = values.iter().copied().cycle().take(length).collect();
        self.outputs.push((Outlet::new(name, F32, shape), values));
        self
    }

    pub fn write(&self, path: &Path) {
        let mut graph = Message::default();
        for (outlet, _) in &self.outputs {
            let node = Message::default()
                .text(1, &format!("{}_values", outlet.name))
                .text(2, &outlet.name)
                .text(4, "Identity");
            graph = graph.message(1, &node);
        }
        graph = graph.text(2, "constants");
        for (outlet, values) in &self.outputs {
            let bytes: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
            let mut tensor = Message::default();
            for &length in &outlet.shape {
                tensor = tensor.number(1, length as u64);
            }
            tensor = tensor
                .number(2, outlet.element)
                .text(8, &format!("{}_values", outlet.name))
                .bytes(9, &bytes);
            graph = graph.message(5, &tensor);
        }
        for outlet in &self.inputs {
            graph = graph.message(11, &outlet.message());
        }
        for (outlet, _) in &self.outputs {
            graph = graph.message(12, &outlet.message());
        }
        let opset = Message::default().text(1, "").number(2, self.opset);
        let model = Message::default()
            .number(1, 8)
            .message(7, &graph)
            .message(8, &opset);
        fs::write(path, model.0).unwrap();
    }
}

impl Outlet {
    fn new(name: &str, element: u64, shape: &[usize]) -> Self {
        Self {
            name: name.to_owned(),
            element,
            shape: shape.to_vec(),
        }
    }

    fn message(&self) -> Message {
        let mut shape = Message::default();
        for &length in &self.shape {
            shape = shape.message(1, &Message::default().number(1, length as u64));
        }
        let tensor = Message::default()
            .number(1, self.element)
            .message(2, &shape);
        Message::default()
            .text(1, &self.name)
            .message(2, &Message::default().message(1, &tensor))
    }
}

/// A protocol buffer in the making: fields by number.
#[derive(Default)]
struct Message(Vec<u8>);

impl Message {
    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }

    fn number(mut self, field: u64, value: u64) -> Self {
        self.varint(field << 3);
        self.varint(value);
        self
    }

    fn bytes(mut self, field: u64, bytes: &[u8]) -> Self {
        self.varint(field << 3 | 2);
        self.varint(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
        self
    }

    fn text(self, field: u64, text: &str) -> Self {
        self.bytes(field, text.as_bytes())
    }

    fn message(self, field: u64, message: &Message) -> Self {
        self.bytes(field, &message.0)
    }
}
