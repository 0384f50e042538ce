//! Several ways to one API server on which requests fail as planned: what is tried on them can be tried side by side.

use super::FaultyWay;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

/// A client with the credentials of a kubeconfig.
pub async fn client_of(kubeconfig: &str) -> kube::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let kubeconfig = kube::config::Kubeconfig::from_yaml(kubeconfig).unwrap();
    let config = kube::Config::from_custom_kubeconfig(kubeconfig, &Default::default()).await.unwrap();
    kube::Client::try_from(config).unwrap()
}

/// The ways; they end when this is dropped.
pub struct Ways {
    ways: Vec<FaultyWay>,
    runtime: Option<tokio::runtime::Runtime>,
}

impl Ways {
    /// So many ways to the server of a kubeconfig.
    pub fn open(kubeconfig: &str, count: usize) -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let ways = runtime.block_on(async {
            let client = client_of(kubeconfig).await;
            let mut ways = Vec::new();
            for _ in 0..count {
                ways.push(FaultyWay::open(client.clone()).await.unwrap());
            }
            ways
        });
        Self { ways, runtime: Some(runtime) }
    }

    /// Does something with each item, with as many at once as there are ways. What comes of it is in no order.
    pub fn with_each<T: Sync, R: Send>(
        &self,
        items: &[T],
        work: impl Fn(&FaultyWay, &T) -> Option<R> + Sync,
    ) -> Vec<R> {
        let next = AtomicUsize::new(0);
        let serve = |way: &FaultyWay| {
            let items = std::iter::from_fn(|| items.get(next.fetch_add(1, Ordering::Relaxed)));
            items.filter_map(|item| work(way, item)).collect::<Vec<R>>()
        };
        let serve = &serve;
        std::thread::scope(|scope| {
            let workers: Vec<_> = self.ways.iter().map(|way| scope.spawn(move || serve(way))).collect();
            workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
        })
    }
}

impl Drop for Ways {
    fn drop(&mut self) {
        // Requests that are still held up are not waited for.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
