# What R gives for the data in ../mixed, scores cut down to halves: Rscript reference.R > reference.csv
# ordinal's clm with sandwich's cluster-robust covariance (HC0, no correction for few clusters), participants as
# clusters; geepack's ordgee beside it, which is another estimator (independence; its own working variance).
suppressMessages({library(ordinal); library(sandwich); library(geepack)})
rows <- list()
for (name in c("equal_two", "unequal_two", "unequal_three", "boundary", "single_wave")) {
  d <- read.csv(file.path("../mixed", paste0(name, ".csv")))
  d <- d[d$wave %in% c("pre", "post"), ]
  d <- d[d$participant %in% names(which(table(d$participant) == 2)), ]
  d <- d[order(d$cohort, d$participant, d$wave), ]
  d$grade <- factor(floor(2 * d$score) / 2, ordered = TRUE)
  d$cohort <- factor(d$cohort)
  d$later <- as.numeric(d$wave == "post")
  d$id <- as.integer(factor(d$participant, levels = unique(d$participant)))
  whole <- clm(grade ~ later, data = d, control = clm.control(gradTol = 1e-10, maxIter = 200))
  parted <- clm(grade ~ cohort + cohort:later, data = d, control = clm.control(gradTol = 1e-10, maxIter = 200))
  gee <- ordgee(grade ~ later, id = d$id, data = d, corstr = "independence")
  robust <- vcovCL(whole, cluster = d$id, type = "HC0", cadjust = FALSE)
  sure <- vcovCL(parted, cluster = d$id, type = "HC0", cadjust = FALSE)
  at <- grep(":later", names(coef(parted)))
  weights <- rep(1 / length(at), length(at))
  slope <- length(gee$beta)
  rows[[length(rows) + 1]] <- data.frame(
    data = name, estimate = coef(whole)["later"], std_error = sqrt(robust["later", "later"]),
    log_likelihood = as.numeric(logLik(whole)), threshold = coef(whole)[1],
    average = sum(weights * coef(parted)[at]), average_error = sqrt(c(weights %*% sure[at, at] %*% weights)),
    first = coef(parted)[at][1], spread = sd(coef(parted)[at]),
    ordgee = gee$beta[slope], ordgee_error = sqrt(gee$vbeta[slope, slope]))
}
out <- do.call(rbind, rows)
out[, -1] <- lapply(out[, -1], function(x) trimws(formatC(as.numeric(x), digits = 12, format = "g")))
write.csv(out, row.names = FALSE, quote = FALSE)
