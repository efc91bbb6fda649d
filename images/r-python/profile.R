# Where Python read from the object store through Arrow, that is ended before R ends: R would crash then.
setHook(packageEvent("reticulate", "onLoad"), function(...) {
  end <- "import sys\nif 'pyarrow._s3fs' in sys.modules: sys.modules['pyarrow._s3fs'].finalize_s3()"
  reg.finalizer(globalenv(), function(...) {
    if (reticulate::py_available()) reticulate::py_run_string(end, local = TRUE)
  }, onexit = TRUE)
})
