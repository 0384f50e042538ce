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

/// Gives back the memory of the table by which a position-independent program is relocated: nothing reads it again.
pub fn forget_relocations() {
    #[cfg(all(target_arch = "x86_64", target_os = "linux", target_env = "gnu"))]
    relocations::forget();
}

#[cfg(all(target_arch = "x86_64", target_os = "linux", target_env = "gnu"))]
#[expect(unsafe_code, reason = "where the table lies is known to the linker only")]
mod relocations {
    const PAGE: usize = 4096;
    /// Tags of the entries of the dynamic section: its end, the address of the table, and its size in bytes.
    const DT_NULL: usize = 0;
    const DT_RELA: usize = 7;
    const DT_RELASZ: usize = 8;

    /// A tag and a value.
    #[repr(C)]
    struct Entry(usize, usize);

    unsafe extern "C" {
        /// The first byte of the program.
        static __ehdr_start: u8;
        /// The first entry of its dynamic section.
        static _DYNAMIC: Entry;
    }

    pub fn forget() {
        let program = (&raw const __ehdr_start).addr();
        let (mut address, mut size) = (0, 0);
        let mut entry = &raw const _DYNAMIC;
        // SAFETY: the linker ends the section with an entry of this tag.
        while let Entry(tag, value) = unsafe { entry.read() }
            && tag != DT_NULL
        {
            match tag {
                DT_RELA => address = value,
                DT_RELASZ => size = value,
                _ => {}
            }
            // SAFETY: as above.
            entry = unsafe { entry.add(1) };
        }
        // Some versions of the C library write the address in memory over the one in the file.
        let first = if address < program { program + address } else { address };
        let (start, end) = (first.next_multiple_of(PAGE), (first + size) / PAGE * PAGE);
        if start < end {
            let pages = std::ptr::with_exposed_provenance_mut(start);
            // SAFETY: whole pages of the file that no one writes to; who reads them again gets them from the file.
            unsafe { libc::madvise(pages, end - start, libc::MADV_DONTNEED) };
        }
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

/// What dependencies call of the library of mathematics, which a start then does not load.
#[cfg(all(panic = "abort", target_os = "linux", target_env = "gnu"))]
mod mathematics {
    /// Functions by their names in C, from a crate.
    macro_rules! from_crate {
        ($($name:ident($($argument:ident),*) of $number:ty;)*) => { $(
            #[expect(unsafe_code, reason = "the names are those of the C library, and no other library has them here")]
            #[unsafe(no_mangle)]
            extern "C" fn $name($($argument: $number),*) -> $number {
                libm::$name($($argument),*)
            }
        )* };
    }

    from_crate! {
        log2(x) of f64;
        log2f(x) of f32;
        pow(x, y) of f64;
    }
}
