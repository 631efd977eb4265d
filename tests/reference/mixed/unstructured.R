# What nlme gives with a free covariance over the waves and cohorts as fixed effects: Rscript unstructured.R > unstructured.csv
suppressMessages(library(nlme))
rows <- list()
for (name in c("unequal_three", "covariates_two", "covariates_three")) {
  d <- read.csv(paste0(name, ".csv"), na.strings = c("NA", ""))
  waves <- intersect(c("pre", "post", "followup"), unique(d$wave))
  d$wave <- factor(d$wave, levels = waves)
  d$cohort <- factor(d$cohort)
  d$place <- as.integer(d$wave)
  d <- na.omit(d)
  contrasts(d$cohort) <- contr.sum(nlevels(d$cohort))
  described <- "age" %in% names(d)
  fit <- gls(as.formula(paste("score ~ wave * cohort", if (described) "+ age + profession")), d, method = "REML",
             correlation = corSymm(form = ~ place | participant), weights = varIdent(form = ~ 1 | wave),
             control = glsControl(tolerance = 1e-12, msTol = 1e-14, msMaxIter = 1000, maxIter = 1000, opt = "nlminb"))
  for (w in waves[-1]) {
    term <- paste0("wave", w)
    rows[[length(rows) + 1]] <- data.frame(
      data = name, covariates = if (described) "age profession" else "", wave = w, criterion = -2 * as.numeric(logLik(fit)),
      estimate = coef(fit)[[term]], std_error = sqrt(vcov(fit)[term, term]))
  }
}
out <- do.call(rbind, rows)
out[, 4:6] <- lapply(out[, 4:6], function(x) formatC(x, digits = 12, format = "g"))
write.csv(out, row.names = FALSE, quote = FALSE)
