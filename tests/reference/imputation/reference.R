# What mice gives: Rscript reference.R writes pooled.csv (Rubin's rules with Barnard and Rubin's degrees of freedom)
# and imputed.csv (imputation by mice's method "norm", 1000 data sets, of the data in ../mixed).
suppressMessages(library(mice))
text <- function(x) trimws(formatC(x, digits = 16, format = "g"))

set.seed(1)
rows <- list()
for (case in seq_len(40)) {
  m <- c(2, 5, 20, 50)[1 + case %% 4]
  complete <- c(3, 4, 19, 101, Inf)[1 + case %% 5]
  spread <- c(0.02, 0.2, 1)[1 + case %% 3]
  q <- rnorm(m, 0.4, spread); u <- runif(m, 0.005, 0.05)
  p <- pool.scalar(q, u, n = complete + 1, k = 1)
  rows[[case]] <- data.frame(
    q = paste(text(q), collapse = " "), u = paste(text(u), collapse = " "), df_complete = complete,
    estimate = text(p$qbar), within = text(p$ubar), between = text(p$b), total = text(p$t), df = text(p$df),
    fmi = text(p$fmi))
}
write.csv(do.call(rbind, rows), "pooled.csv", row.names = FALSE, quote = FALSE)

rows <- list()
for (name in c("unequal_two", "unequal_three", "both_zero")) {
  d <- read.csv(file.path("../mixed", paste0(name, ".csv")))
  wide <- reshape(d, idvar = c("participant", "cohort"), timevar = "wave", direction = "wide")
  wide$cohort <- factor(wide$cohort)
  values <- wide[, setdiff(names(wide), "participant")]
  made <- mice(values, m = 1000, method = "norm", maxit = 10, seed = 2017, printFlag = FALSE)
  m <- made$m
  q <- u <- f <- v <- numeric(m)
  for (i in seq_len(m)) {
    full <- complete(made, i)
    change <- full$score.post - full$score.pre
    means <- tapply(change, full$cohort, mean)
    sizes <- tapply(change, full$cohort, length)
    q[i] <- mean(means)
    u[i] <- sum(tapply(change, full$cohort, var) / sizes) / length(means)^2
    v[i] <- var(means) / length(means)
  }
  these <- pool.scalar(q, u, n = nrow(values), k = nlevels(wide$cohort))
  future <- pool.scalar(q, v, n = nlevels(wide$cohort), k = 1)
  rows[[name]] <- data.frame(
    data = name, frame = c("these_cohorts", "future_cohorts"), estimate = text(these$qbar), between = text(these$b),
    within = text(c(these$ubar, future$ubar)), df = text(c(these$df, future$df)))
}
write.csv(do.call(rbind, rows), "imputed.csv", row.names = FALSE, quote = FALSE)
