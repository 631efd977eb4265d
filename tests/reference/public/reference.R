# What R gives for the public data sets that prepare.py has written to a folder:
#   Rscript reference.R FOLDER > reference.csv
# One number a row: data, frame, term (a later wave, a variance component, or nothing), quantity, value.
suppressMessages({
  library(lme4); library(lmerTest); library(pbkrtest); library(clubSandwich); library(metafor); library(effectsize)
  library(psych)
})
folder <- commandArgs(trailingOnly = TRUE)[1]
control <- lmerControl(optimizer = "bobyqa", optCtrl = list(maxfun = 1e6, rhoend = 1e-10), check.conv.singular = "ignore")
rows <- list()
add <- function(data, frame, term, ...) {
  values <- c(...)
  rows[[length(rows) + 1]] <<- data.frame(data, frame, term, quantity = names(values), value = as.numeric(values))
}

# The mixed model in both frames. For these cohorts each has its own mean at the first wave and its own changes, so that
# the change is the plain mean of the cohorts' changes, or their mean weighted by participants.
mixed <- function(name, d, waves) {
  later <- waves[-1]
  for (w in later) d[[w]] <- as.numeric(d$wave == w)
  here <- list()
  if (all(table(d$cohort, d$wave) > 0)) {
    one <- nlevels(d$cohort) == 1
    formula <- if (one) score ~ wave + (1 | participant) else score ~ 0 + cohort + cohort:wave + (1 | participant)
    here$these_cohorts <- lmer(formula, d, control = control)
  }
  if (nlevels(d$cohort) > 1) {
    random <- paste(c("(1|cohort)", sprintf("(0+`%s`|cohort)", later), "(1|participant)"), collapse = "+")
    here$future_cohorts <- lmer(as.formula(paste("score ~ wave +", random)), d, control = control)
  }
  people <- table(unique(d[c("participant", "cohort")])$cohort)
  for (frame in names(here)) {
    fit <- here[[frame]]
    add(name, frame, "", criterion = REMLcrit(fit))
    components(name, frame, fit)
    adjusted <- vcovAdj(fit)
    for (w in later) {
      of_wave <- endsWith(names(fixef(fit)), paste0("wave", w))
      if (frame == "these_cohorts" && nlevels(d$cohort) > 1) {
        inference(name, frame, w, fit, of_wave / nlevels(d$cohort), adjusted)
        by_people <- as.numeric(of_wave)
        by_people[of_wave] <- people / sum(people)
        inference(name, "these_cohorts by participants", w, fit, by_people, adjusted)
      } else {
        inference(name, frame, w, fit, as.numeric(of_wave), adjusted)
      }
    }
  }
}
components <- function(name, frame, fit) {
  found <- as.data.frame(VarCorr(fit))
  component <- ifelse(found$grp == "Residual", "residual", ifelse(found$grp == "participant", "participant",
    ifelse(found$var1 == "(Intercept)", "cohort", paste("cohort x", gsub("`", "", found$var1)))))
  for (k in seq_along(component)) {
    add(name, frame, component[k], variance = found$vcov[k], at_zero = found$vcov[k] < 1e-8 * sigma(fit)^2)
  }
}
inference <- function(name, frame, wave, fit, L, adjusted) {
  s <- contest1D(fit, L)
  add(name, frame, wave, estimate = sum(L * fixef(fit)), std_error = s[["Std. Error"]], df_satterthwaite = s[["df"]],
      std_error_kr = sqrt(as.numeric(t(L) %*% adjusted %*% L)), df_kr = Lb_ddf(L, vcov(fit), adjusted))
}

# What is computed from the participants seen at both waves.
paired <- function(name, d, wave, first) {
  wide <- merge(d[d$wave == first, ], d[d$wave == wave, ], by = c("participant", "cohort"))
  x <- wide$score.x; y <- wide$score.y; change <- y - x
  if (nlevels(d$cohort) > 1) by_cohorts(name, wave, change, factor(wide$cohort))
  n <- length(change)
  t <- mean(change) / (sd(change) / sqrt(n))
  ends <- sapply(c(0.975, 0.025), function(p)
    uniroot(function(shift) noncentral(t, n - 1, shift) - p, t + c(-1, 1) * (10 + abs(t)), tol = 1e-13)$root)
  # effectsize takes the same correction for n - 1; its ends come from a general optimiser, and are kept where they are
  # roots of the equation that defines them
  J <- exp(lgamma((n - 1) / 2) - lgamma((n - 2) / 2)) / sqrt((n - 1) / 2)
  z <- hedges_g(y, x, paired = TRUE, verbose = FALSE)
  add(name, "these_cohorts", wave, d_z = z$Hedges_g, d_z_low = J * ends[1] / sqrt(n), d_z_high = J * ends[2] / sqrt(n))
  off <- abs(c(noncentral(t, n - 1, z$CI_low / J * sqrt(n)) - 0.975, noncentral(t, n - 1, z$CI_high / J * sqrt(n)) - 0.025))
  if (off[1] < 1e-5) add(name, "these_cohorts", wave, effectsize_low = z$CI_low)
  if (off[2] < 1e-5) add(name, "these_cohorts", wave, effectsize_high = z$CI_high)
  # effectsize has no d_av of its own: Cohen's d of two samples without pooling has the same denominator, and gets
  # Hedges' correction for n - 1 here; its interval is Algina and Keselman's, written out
  scale <- sqrt(2 * (var(x) + var(y) - 2 * cov(x, y)) / (n * (var(x) + var(y))))
  add(name, "these_cohorts", wave, d_av = J * cohens_d(y, x, pooled_sd = FALSE, verbose = FALSE)$Cohens_d,
      d_av_low = J * ends[1] * scale, d_av_high = J * ends[2] * scale)
}
# Noncentral t as an integral over the estimated standard deviation: pt() is cut off at a noncentrality of 37.62.
noncentral <- function(t, df, shift) {
  ends <- sqrt(c(qchisq(1e-16, df), qchisq(1e-16, df, lower.tail = FALSE)) / df)
  integrate(function(s) pnorm(t * s - shift) * 2 * df * s * dchisq(df * s^2, df), ends[1], ends[2],
            rel.tol = 1e-12, subdivisions = 1000)$value
}
by_cohorts <- function(name, wave, change, cohort) {
  frame <- "future_cohorts"
  fit <- lm(change ~ 1)
  for (kind in c("CR0", "CR1", "CR2")) {
    found <- coef_test(fit, vcov = kind, cluster = cohort, test = "Satterthwaite")
    df <- if ("df_Satt" %in% names(found)) found[1, "df_Satt"] else found[1, "df"]
    values <- c(coef(fit), found[1, "SE"], df)
    names(values) <- paste0(tolower(kind), c("_estimate", "_std_error", "_df"))
    add(name, frame, wave, values)
  }
  means <- tapply(change, cohort, mean)
  test <- t.test(means)
  add(name, frame, wave, t_estimate = test$estimate[[1]], t_std_error = test$stderr, t_p = test$p.value,
      t_low = test$conf.int[1], t_high = test$conf.int[2])
  G <- length(means)
  if (G <= 18) {
    flips <- as.matrix(expand.grid(rep(list(c(-1, 1)), G)))
    add(name, frame, wave, flips = 2^G, flips_reached = sum(abs(flips %*% means) >= abs(sum(means)) * (1 - 1e-9)))
  }
  if (G <= 5) {
    draws <- as.matrix(expand.grid(rep(list(c(-sqrt(1.5), -1, -sqrt(0.5), sqrt(0.5), 1, sqrt(1.5))), G)))
    observed <- robust_t(change, cohort)
    reached <- apply(draws, 1, function(draw) robust_t(change * draw[cohort], cohort))
    add(name, frame, wave, webb = 6^G, webb_reached = sum(abs(reached) >= abs(observed) * (1 - 1e-9)))
  }
  v <- tapply(change, cohort, var) / tapply(change, cohort, length)
  keep <- !is.na(v) & v > 0
  pooled <- rma(as.numeric(means[keep]), as.numeric(v[keep]), method = "REML", test = "knha",
                control = list(threshold = 1e-13 * max(v[keep]), maxiter = 10000, stepadj = 0.5))
  new <- predict(pooled)
  add(name, frame, wave, meta_estimate = pooled$beta[1], meta_std_error = pooled$se, meta_p = pooled$pval,
      meta_low = pooled$ci.lb, meta_high = pooled$ci.ub, meta_at_zero = pooled$tau2 < 1e-9 * max(v[keep]),
      predict_low = new$pi.lb, predict_high = new$pi.ub)
}
# The t of the mean with CR0, infinite where the draw leaves no spread between the cohorts.
robust_t <- function(change, cohort) {
  off <- rowsum(change - mean(change), cohort)
  spread <- sqrt(sum(off^2))
  if (spread <= 1e-9 * max(abs(rowsum(change, cohort)))) Inf else sum(change) / spread
}

reliability <- function(name, d) {
  d <- d[complete.cases(d), ]
  n <- nrow(d); k <- ncol(d)
  a <- psych::alpha(d, check.keys = FALSE)$total$raw_alpha
  feldt <- 1 - (1 - a) * qf(c(0.975, 0.025), n - 1, (n - 1) * (k - 1))
  # omega of psych::omega divides by the sum of the observed correlations; ours by what the factor and the uniquenesses
  # give, so that the loadings of psych::fa are taken and put into that formula
  f <- fa(d, 1, fm = "minres")
  l <- sum(f$loadings[, 1])^2
  add(name, "", "", alpha = a, alpha_low = feldt[1], alpha_high = feldt[2], omega = l / (l + sum(f$uniquenesses)))
}

for (file in sort(list.files(folder, pattern = "^[a-z0-9_]*\\.csv$", full.names = TRUE))) {
  name <- sub("\\.csv$", "", basename(file))
  d <- read.csv(file, colClasses = c(participant = "character", cohort = "character"))
  waves <- unique(d$wave)
  d$wave <- factor(d$wave, levels = waves)
  d$cohort <- factor(d$cohort)
  message(name, " ", format(Sys.time()))
  mixed(name, d, waves)
  for (w in waves[-1]) paired(name, d, w, waves[1])
}
for (file in sort(list.files(folder, pattern = "\\.items\\.csv$", full.names = TRUE))) {
  reliability(sub("\\.items\\.csv$", "", basename(file)), read.csv(file))
}
out <- do.call(rbind, rows)
# the family of tests for the adjustments: the t on cohort means of the last wave of every data set
for (name in unique(out$data)) {
  last <- tail(which(out$data == name & out$quantity == "t_p"), 1)
  out[last, "family"] <- TRUE
}
family <- out[which(out$family), c("data", "frame", "term", "value")]
out <- rbind(out[c("data", "frame", "term", "quantity", "value")],
             data.frame(family[1:3], quantity = "holm", value = p.adjust(family$value, "holm")),
             data.frame(family[1:3], quantity = "benjamini_hochberg", value = p.adjust(family$value, "BH")))
out$value <- trimws(formatC(out$value, digits = 15, format = "g"))
write.csv(out, row.names = FALSE, quote = FALSE)
