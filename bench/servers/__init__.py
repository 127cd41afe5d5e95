"""One echo server per library, each as its documentation would write it."""
