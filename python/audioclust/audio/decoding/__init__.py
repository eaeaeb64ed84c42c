"""From a file to blocks of samples, in bounded memory."""
