//! What `check` found: reported line by line as it is found, and kept for the document.

use crate::api::ObjectId;
use crate::ops::Sink;
use crate::text::hints;
use serde::Serialize;
use serde_json::Value;

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// `prerequisites`, `version in cluster`, `controllers` or `crds`.
    pub area: &'static str,
    pub ok: bool,
    /// The line without its glyph.
    pub message: String,
    /// The object that was looked at.
    #[serde(flatten)]
    pub object: Option<ObjectId>,
    /// What to do next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// The images of a controller.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub images: Vec<String>,
}

/// Everything that was found so far.
pub struct CheckFindings<'a> {
    /// `None` if only the document is wanted.
    ui: Option<&'a dyn Sink>,
    area: &'static str,
    pub found: Vec<Finding>,
}

impl<'a> CheckFindings<'a> {
    pub fn new(ui: Option<&'a dyn Sink>) -> Self {
        Self { ui, area: "", found: Vec::new() }
    }

    /// What is found from now on belongs here.
    pub(super) fn area(&mut self, area: &'static str) {
        self.area = area;
        self.ui.inspect(|ui| ui.action(format!("checking {area}")));
    }

    pub(super) fn success(&mut self, message: impl Into<String>) {
        self.push(true, message.into());
    }

    pub(super) fn failure(&mut self, message: impl Into<String>) {
        self.push(false, message.into());
    }

    /// The next step after what was found last.
    pub(super) fn hint(&mut self, hint: &str) {
        self.ui.inspect(|ui| ui.hint(hint));
        if let Some(last) = self.found.last_mut() {
            last.hint = Some(hint.to_owned());
        }
    }

    /// What was found last is about this object.
    pub(super) fn about(&mut self, object: &Value) {
        if let Some(last) = self.found.last_mut() {
            last.object = Some(ObjectId::of(object));
        }
    }

    /// An image of the controller that was found last.
    pub(super) fn image(&mut self, image: &str) {
        self.ui.inspect(|ui| ui.action(image));
        if let Some(last) = self.found.last_mut() {
            last.images.push(image.to_owned());
        }
    }

    pub(super) fn error(&mut self, error: &anyhow::Error) {
        self.failure(format!("{error:#}"));
        for hint in hints(error) {
            self.hint(hint);
        }
    }

    /// All of it is well: a line only.
    pub(super) fn conclude(&self, message: &str) {
        self.ui.inspect(|ui| ui.success(message));
    }

    fn push(&mut self, ok: bool, message: String) {
        self.ui.inspect(|ui| if ok { ui.success(&message) } else { ui.failure(&message) });
        self.found.push(Finding {
            area: self.area,
            ok,
            message,
            object: None,
            hint: None,
            images: Vec::new(),
        });
    }
}
