# One measurement of lme4 for speed.py: Rscript speed_lme4.R fit FOLDER, or Rscript speed_lme4.R power FOLDER.
# Prints name=value lines: seconds, megabytes beyond the data, and the numbers found.
suppressMessages({library(lme4); library(lmerTest); library(pbkrtest)})
arguments <- commandArgs(trailingOnly = TRUE)
memory <- function(key) {
  status <- "/proc/self/status"
  if (!file.exists(status)) return(NA)
  as.numeric(gsub("\\D", "", grep(key, readLines(status), value = TRUE)[1])) / 1024
}
read <- function(name, what, size) {
  path <- file.path(arguments[2], name)
  readBin(path, what, file.size(path) / size, size = size)
}
d <- data.frame(participant = factor(read("participant.bin", "integer", 4)), cohort = factor(read("cohort.bin", "integer", 4)),
                wave = factor(read("wave.bin", "integer", 4), labels = c("pre", "post")), score = read("score.bin", "double", 8))
if (arguments[1] == "power") set <- read("set.bin", "integer", 4)
invisible(gc())
before <- memory("VmRSS")
if (arguments[1] == "fit") {
  found <- NULL
  taken <- system.time({
    fit <- lmer(score ~ wave + (1 | cohort) + (1 | participant), d)
    found <- contest1D(fit, c(0, 1))
  })
  values <- c(estimate = found[["Estimate"]], std_error = found[["Std. Error"]], df = found[["df"]], criterion = REMLcrit(fit))
} else {
  d$post <- as.numeric(d$wave == "post")
  parts <- split(d, set)
  p <- numeric(length(parts))
  taken <- system.time(for (k in seq_along(parts)) {
    fit <- suppressMessages(lme4::lmer(score ~ wave + (1 | cohort) + (0 + post | cohort) + (1 | participant), parts[[k]]))
    adjusted <- vcovAdj(fit)
    df <- Lb_ddf(c(0, 1), vcov(fit), adjusted)
    p[k] <- 2 * pt(-abs(fixef(fit)[[2]] / sqrt(adjusted[2, 2])), df)
  })
  values <- c(power = mean(p < 0.05), p_mean = mean(p))
}
values <- c(seconds = taken[["user.self"]] + taken[["sys.self"]], megabytes = memory("VmHWM") - before, values)
cat(sprintf("%s=%.12g", names(values), values), sep = "\n")
