//! Instruction sets, and which of them this machine supports.

/// An instruction set that the kernels are compiled for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// What every machine of the target supports.
    Baseline,
    /// AVX2 and FMA, on x86-64.
    #[cfg(target_arch = "x86_64")]
    Avx2(Proof),
    /// AVX-512 (F, BW, DQ, VL), on x86-64.
    #[cfg(target_arch = "x86_64")]
    Avx512(Proof),
}

/// A proof that the machine supports an instruction set. Only [`Level::all`] makes one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proof(());

impl Level {
    /// The levels that this machine supports, the best one last.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let mut levels = vec![Self::Baseline];
        #[cfg(target_arch = "x86_64")]
        {
            let avx2 = is_x86_feature_detected!("avx2")
                && is_x86_feature_detected!("fma")
                && is_x86_feature_detected!("popcnt");
            if avx2 {
                levels.push(Self::Avx2(Proof(())));
            }
            if avx2
                && is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512bw")
                && is_x86_feature_detected!("avx512dq")
                && is_x86_feature_detected!("avx512vl")
            {
                levels.push(Self::Avx512(Proof(())));
            }
        }
        levels
    }

    /// The best level that this machine supports.
    #[must_use]
    pub fn best() -> Self {
        Self::all().pop().unwrap_or(Self::Baseline)
    }
}
