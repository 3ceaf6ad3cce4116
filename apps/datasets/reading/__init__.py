"""Reading raw files of any size in bounded memory: is it whole, what is in it, and which rows are held out."""
