# What metafor gives for the cohorts' mean changes of the data sets in ../mixed: Rscript reference.R > reference.csv
suppressMessages(library(metafor))
rows <- list()
for (file in sort(list.files("../mixed", pattern = "\\.csv$", full.names = TRUE))) {
  name <- sub("\\.csv$", "", basename(file))
  if (name == "reference") next
  d <- read.csv(file)
  wide <- merge(d[d$wave == "pre", ], d[d$wave == "post", ], by = c("participant", "cohort"))
  wide$change <- wide$score.y - wide$score.x
  mean_change <- tapply(wide$change, wide$cohort, mean)
  variance <- tapply(wide$change, wide$cohort, var) / tapply(wide$change, wide$cohort, length)
  keep <- !is.na(variance)
  fit <- rma(as.numeric(mean_change[keep]), as.numeric(variance[keep]), method = "REML", test = "knha",
             control = list(threshold = 1e-14, maxiter = 10000, stepadj = 0.5))
  p <- predict(fit)
  rows[[length(rows) + 1]] <- data.frame(
    data = name, estimate = fit$beta[1], std_error = fit$se, tau2 = fit$tau2, p_value = fit$pval,
    conf_low = fit$ci.lb, conf_high = fit$ci.ub, predict_low = p$pi.lb, predict_high = p$pi.ub)
}
out <- do.call(rbind, rows)
out[, -1] <- lapply(out[, -1], function(x) trimws(formatC(x, digits = 12, format = "g")))
write.csv(out, row.names = FALSE, quote = FALSE)
