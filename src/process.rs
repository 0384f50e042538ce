//! What the program tells the C library before anything else runs, and the functions that a start then need not load a library for.

/// Lets all threads allocate from the heap of the main thread. glibc gives each thread an arena of its own, which it enlarges page by page;
/// here one thread computes at a time.
pub fn allocate_in_one_arena() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    #[expect(
        unsafe_code,
        reason = "a function of the C library; it only sets a number that later allocations look at"
    )]
    // SAFETY: called before there is another thread.
    unsafe {
        libc::mallopt(libc::M_ARENA_MAX, 1);
    }
}

/// What the standard library calls to walk the stack. A release aborts when it panics and has no tables of stack frames (`src/build.rs`), so
/// there is nothing to walk; and a start does not load the library that has these functions.
#[cfg(all(panic = "abort", target_os = "linux", target_env = "gnu"))]
mod unwinding {
    /// Functions that find nothing: all of them return a null pointer, or that there is no reason to continue.
    macro_rules! find_nothing {
        ($($name:ident)*) => { $(
            #[expect(unsafe_code, reason = "the names are those of the platform's C++ ABI, and no other library has them here")]
            #[unsafe(no_mangle)]
            extern "C" fn $name() -> usize {
                0
            }
        )* };
    }

    find_nothing! {
        _Unwind_Backtrace _Unwind_FindEnclosingFunction _Unwind_GetCFA _Unwind_GetDataRelBase _Unwind_GetIP _Unwind_GetIPInfo
        _Unwind_GetLanguageSpecificData _Unwind_GetRegionStart _Unwind_GetTextRelBase _Unwind_SetGR _Unwind_SetIP
    }

    /// Nothing is ever unwound, so nothing resumes.
    #[expect(unsafe_code, reason = "as above")]
    #[unsafe(no_mangle)]
    extern "C" fn _Unwind_Resume() -> ! {
        std::process::abort()
    }
}
