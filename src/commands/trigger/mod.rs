//! `trigger`: what works from outside of a cluster.

mod receiver;

use crate::cli::group;

group! {
    /// Trigger Flux from outside of the cluster
    pub struct TriggerArgs {
        Receiver(receiver::TriggerReceiverArgs),
    }
}
